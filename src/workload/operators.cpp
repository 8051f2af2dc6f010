// SPDX-License-Identifier: Apache-2.0
#include "workload/operators.hpp"

#include "units/units.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace heatsim::workload {

namespace {

/// Builds the operators of one image. Tensors are regions named by their role; a region is used
/// again by every block and sized for the largest user.
class Lowering {
  public:
    Lowering(const Model& model,
             const Schedule& schedule,
             const TokenCounts& counts,
             LoweringOptions options)
        : model_{model}
        , schedule_{schedule}
        , shape_{block_shape(schedule, model)}
        , options_{options}
    {
        workload_.tokens = counts;
    }

    Workload run()
    {
        patch_embedding();
        for (block_ = 1; block_ <= model_.depth; ++block_) {
            while (has_more_selectors() && next().before_block == block_)
                token_selector(next_selector_++);
            attention();
            while (has_more_selectors() && next().inside_block == block_)
                token_selector(next_selector_++);
            feed_forward();
        }
        block_ = 0;
        heads();
        return std::move(workload_);
    }

  private:
    [[nodiscard]] std::uint64_t tokens() const { return workload_.tokens[stage_]; }
    [[nodiscard]] bool has_more_selectors() const
    {
        return next_selector_ < schedule_.selectors.size();
    }
    [[nodiscard]] const Selector& next() const { return schedule_.selectors[next_selector_]; }

    std::uint32_t tensor(const char* name, std::uint64_t elements, bool weight = false)
    {
        auto& tensors = workload_.tensors;
        const auto found = std::find_if(tensors.begin(), tensors.end(),
                                        [name](const Tensor& t) { return t.name == name; });
        if (found != tensors.end()) {
            found->elements = std::max(found->elements, elements);
            return static_cast<std::uint32_t>(found - tensors.begin());
        }
        tensors.push_back({name, weight, elements});
        return static_cast<std::uint32_t>(tensors.size() - 1);
    }

    std::uint32_t weights(std::uint64_t elements)
    {
        workload_.tensors.push_back(
            {"weights." + std::to_string(workload_.tensors.size()), true, elements});
        return static_cast<std::uint32_t>(workload_.tensors.size() - 1);
    }

    /// A region sized for the unpruned image, so that addresses do not depend on the token counts.
    Operand activation(const char* name, std::uint64_t rows_unpruned, std::uint64_t columns)
    {
        return {tensor(name, rows_unpruned * columns), 0, columns, 0};
    }

    Operator& add(std::string name, OperatorKind kind)
    {
        auto& op = workload_.operators.emplace_back();
        op.name = std::move(name);
        op.kind = kind;
        op.block = static_cast<std::uint32_t>(block_);
        op.selector = selector_;
        op.stage = static_cast<std::uint32_t>(stage_);
        return op;
    }

    /// Dense layer with static weights.
    Operator& linear(
        std::string name, std::uint64_t m, std::uint64_t k, std::uint64_t n, Operand a, Operand c)
    {
        auto& op = add(std::move(name), OperatorKind::Gemm);
        op.m = m;
        op.k = k;
        op.n = n;
        op.a = a;
        op.b = {weights(k * n), 0, 0, 0};
        op.c = c;
        op.static_weights = true;
        op.bias = true;
        return op;
    }

    /// Scale and shift of every channel come from memory.
    void
    layer_norm(std::string name, std::uint64_t rows, std::uint64_t columns, Operand a, Operand c)
    {
        auto& op = rowwise(std::move(name), OperatorKind::LayerNorm, rows, columns, a, c);
        op.b_elements = 2 * columns;
        op.b = {weights(op.b_elements), 0, columns, 0};
        op.static_weights = true;
    }

    /// Dense layer applied to `heads` slices, each with weights of its own, or all with the same.
    void per_head_linear(
        std::string name, std::uint64_t m, std::uint64_t k, std::uint64_t n, Operand a, Operand c)
    {
        const auto heads = model_.heads;
        if (schedule_.weights == SelectorWeights::Shared) {
            // the heads' slices are further rows of one GEMM
            a.row_stride = a.head_stride;
            c.row_stride = c.head_stride;
            linear(std::move(name), m * heads, k, n, a, c);
            return;
        }
        auto& op = linear(std::move(name), m, k, n, a, c);
        op.batch = heads;
        workload_.tensors[op.b.tensor].elements = heads * k * n;
        op.b.head_stride = k * n;
    }

    /// Element-wise or row-wise operator over `rows` × `columns`.
    Operator& rowwise(std::string name,
                      OperatorKind kind,
                      std::uint64_t rows,
                      std::uint64_t columns,
                      Operand a,
                      Operand c)
    {
        auto& op = add(std::move(name), kind);
        op.m = rows;
        op.k = columns;
        op.n = columns;
        op.a = a;
        op.c = c;
        return op;
    }

    void patch_embedding()
    {
        const auto dim = shape_.channels;
        auto height = model_.image_height_pixels;
        auto width = model_.image_width_pixels;
        auto channels = model_.image_channels;
        Operand input{tensor("image", height * width * channels), 0, channels, 0};
        for (std::size_t i = 0; i < model_.stem.size(); ++i) {
            const auto& window = model_.stem[i];
            const auto next_height = output_pixels(height, window);
            const auto next_width = output_pixels(width, window);
            const auto positions = next_height * next_width;
            const auto name = "stem.conv" + std::to_string(i + 1);
            const auto output = activation(i % 2 == 0 ? "stem_even" : "stem_odd", positions,
                                           window.output_channels);
            convolution(name, window, positions, width, channels, window.output_channels, input,
                        output);
            rowwise(name + ".relu", OperatorKind::Relu, positions, window.output_channels, output,
                    output);
            height = next_height;
            width = next_width;
            channels = window.output_channels;
            input = output;
        }
        const Convolution patch{model_.patch_size, model_.patch_size, 0, dim};
        const auto patches = model_.patch_tokens();
        const auto embedded = activation("embedded", patches, dim);
        if (options_.layout_copies) {
            const auto depth = patch.kernel * patch.kernel * channels;
            const auto patch_rows = height / patch.kernel;
            const auto patched = activation("patches", patches, depth);
            const auto row_elements = patch.kernel * width * channels;
            rowwise("patch_embed.patchify", OperatorKind::Copy, patch_rows, row_elements,
                    {input.tensor, 0, row_elements, 0}, {patched.tensor, 0, row_elements, 0});
            linear("patch_embed.proj", patches, depth, dim, patched, embedded);
        } else {
            if (model_.stem.empty()) // the host writes the image patch by patch
                input.row_stride = patch.kernel * patch.kernel * channels;
            convolution("patch_embed.proj", patch, patches, width, channels, dim, input, embedded);
        }
        stream_ = activation("tokens_a", model_.tokens(), dim);
        other_stream_ = activation("tokens_b", model_.tokens(), dim);
        // class tokens are the same in every image: their embedding with its position is a constant
        const auto classes = model_.class_tokens;
        rowwise("patch_embed.class_token", OperatorKind::Copy, classes, dim,
                activation("class_token", classes, dim), stream_);
        auto& positions = rowwise("patch_embed.position", OperatorKind::Add, patches, dim, embedded,
                                  {stream_.tensor, classes * dim, dim, 0});
        positions.b = {weights(patches * dim), 0, dim, 0};
        positions.b_columns = dim;
        positions.static_weights = true;
    }

    void convolution(std::string name,
                     const Convolution& window,
                     std::uint64_t positions,
                     std::uint64_t input_width,
                     std::uint64_t input_channels,
                     std::uint64_t output_channels,
                     Operand input,
                     Operand output)
    {
        const auto depth = window.kernel * window.kernel * input_channels;
        auto& op = linear(std::move(name), positions, depth, output_channels, input, output);
        op.kind = OperatorKind::Convolution;
        op.window = window;
        op.input_width = input_width;
        op.input_channels = input_channels;
    }

    void attention()
    {
        const auto name = "blocks." + std::to_string(block_) + ".";
        const auto dim = shape_.channels;
        const auto head = shape_.head_dim;
        const auto heads = shape_.heads;
        const auto width = shape_.attention_channels();
        const auto most = model_.tokens();
        const auto n = tokens();
        const auto normed = activation("normed", most, dim);
        const auto qkv = activation("qkv", most, 3 * width);
        const auto attended = activation("attended", most, width);
        const auto branch = activation("branch", most, dim);
        tensor("hidden", most * model_.mlp_hidden);

        layer_norm(name + "norm1", n, dim, stream_, normed);
        linear(name + "attn.qkv", n, dim, 3 * width, normed, qkv);

        // with layout copies Q, K and V become [3][heads][n][head] and the outputs [heads][n][head]
        const bool copies = options_.layout_copies;
        const auto split = copies ? activation("qkv_split", most, 3 * width) : qkv;
        const auto attended_heads = copies ? activation("attended_heads", most, width) : attended;
        const auto part = [&](std::uint64_t index) {
            return copies ? Operand{split.tensor, index * n * width, head, n * head}
                          : Operand{qkv.tensor, index * width, 3 * width, head};
        };
        keys_ = part(1);
        if (copies) {
            auto& op =
                rowwise(name + "attn.split_heads", OperatorKind::Copy, n, 3 * width, qkv, part(0));
            op.c_planes = 3 * heads;
        }
        const Operand scores{tensor("scores", heads * most * most), 0, n, n * n};
        auto& query_key = add(name + "attn.qk_t", OperatorKind::Gemm);
        query_key.batch = heads;
        query_key.m = n;
        query_key.k = head;
        query_key.n = n;
        query_key.a = part(0);
        query_key.b = part(1);
        query_key.c = scores;
        query_key.layout = WeightLayout::RowsOfN;
        auto& softmax = rowwise(name + "attn.softmax", OperatorKind::Softmax, n, n, scores, scores);
        softmax.batch = heads;
        if (schedule_.proportional_attention && stage_ > 0) { // log sizes, added to every row
            softmax.b = token_sizes();
            softmax.b_elements = n;
        }
        attention_scores_ = scores;
        attention_tokens_ = n;
        auto& value = add(name + "attn.av", OperatorKind::Gemm);
        value.batch = heads;
        value.m = n;
        value.k = n;
        value.n = head;
        value.a = scores;
        value.b = part(2);
        value.c = copies ? Operand{attended_heads.tensor, 0, head, n * head}
                         : Operand{attended.tensor, 0, width, head};
        value.layout = WeightLayout::RowsOfK;
        if (copies) {
            auto& op =
                rowwise(name + "attn.merge_heads", OperatorKind::Copy, n, width, value.c, attended);
            op.a_planes = heads;
        }
        if (schedule_.accumulate_scores && has_more_selectors())
            accumulate_class_attention(name);

        linear(name + "attn.proj", n, width, dim, attended, branch);
        residual(name + "residual1", n, branch);
    }

    void feed_forward()
    {
        const auto name = "blocks." + std::to_string(block_) + ".";
        const auto dim = shape_.channels;
        const auto most = model_.tokens();
        const auto n = tokens();
        const auto normed = activation("normed", most, dim);
        const auto branch = activation("branch", most, dim);
        const auto hidden = activation("hidden", most, model_.mlp_hidden);
        layer_norm(name + "norm2", n, dim, stream_, normed);
        linear(name + "mlp.fc1", n, dim, model_.mlp_hidden, normed, hidden);
        rowwise(name + "mlp.gelu", OperatorKind::Gelu, n, model_.mlp_hidden, hidden, hidden);
        linear(name + "mlp.fc2", n, model_.mlp_hidden, dim, hidden, branch);
        residual(name + "residual2", n, branch);
    }

    /// stream += branch, into the other of the two token buffers.
    void residual(std::string name, std::uint64_t n, Operand branch)
    {
        auto& op =
            rowwise(std::move(name), OperatorKind::Add, n, shape_.channels, branch, other_stream_);
        op.b = stream_;
        op.b_columns = shape_.channels;
        std::swap(stream_, other_stream_);
    }

    /// Tokens around one selector.
    struct Step {
        std::size_t index = 0; ///< 0-based
        std::string name;      ///< `selector.1.`
        std::uint64_t before = 0;
        std::uint64_t after = 0;
        std::uint64_t unscored = 0;     ///< class tokens, and package tokens behind the patches
        std::uint64_t first_scored = 0; ///< row of the stream
        std::uint64_t scored = 0;
    };

    /// Selector number `index` (0-based): scores the tokens of the stage before it, writes those of
    /// the next.
    void token_selector(std::size_t index)
    {
        selector_ = static_cast<std::uint32_t>(index + 1);
        Step step;
        step.index = index;
        step.name = "selector." + std::to_string(selector_) + ".";
        // those kept aside come back
        step.before =
            schedule_.package_token == PackageToken::KeptAside ? model_.tokens() : tokens();
        step.after = workload_.tokens[stage_ + 1];
        const bool networks =
            schedule_.scoring == Scoring::Selector || schedule_.scoring == Scoring::Predictor;
        if (!networks)
            step.unscored = model_.class_tokens;
        else if (schedule_.scored_tokens == ScoredTokens::Patches)
            step.unscored = model_.class_tokens + package_tokens_before(index);
        step.first_scored = std::min(step.unscored, model_.class_tokens);
        step.scored = step.before > step.unscored ? step.before - step.unscored : 0;
        switch (schedule_.scoring) {
        case Scoring::Selector:
            head_network(step);
            rank(step);
            package(step);
            break;
        case Scoring::Predictor:
            predictor(step);
            choose(step);
            break;
        case Scoring::ClassAttention:
            class_attention(step);
            choose(step);
            break;
        case Scoring::Halting:
            halt(step);
            compact(step, step.after);
            break;
        case Scoring::KeySimilarity:
            merge(step);
            break;
        case Scoring::None:
            compact(step, step.after);
            break;
        }
        std::swap(stream_, other_stream_);
        ++stage_;
        selector_ = 0;
    }

    /// HeatViT's network per attention head, and the score of every token (SPViT: its variants).
    void head_network(const Step& step)
    {
        const auto& name = step.name;
        const auto scored = step.scored;
        const auto dim = shape_.channels;
        const auto heads = model_.heads;
        const auto d = dim / heads;
        const auto most = model_.tokens();

        // (1) per head: local = MLP1(x_i), global = mean of local over the tokens
        const auto half = d / 2;
        const auto local_width = schedule_.mlp1 == SelectorMlp1::Half ? half : d;
        const auto sliced = [&](const char* role, std::uint64_t width) {
            return Operand{tensor(role, most * heads * width), 0, heads * width, width};
        };
        const auto tokens_in = Operand{stream_.tensor, step.first_scored * dim, dim, d};
        const auto normed = sliced("selector_normed", d);
        // a head's slice is [local, global]; a split layer's second half lies where the global one
        // will
        const auto features = sliced("selector_features", d);
        const Operand globals{features.tensor, half, features.row_stride, features.head_stride};
        const bool split = local_width == d;
        if (schedule_.norm) // over each head's slice: `heads` short rows per token
            layer_norm(name + "norm", scored * heads, d, {tokens_in.tensor, tokens_in.offset, d, 0},
                       {normed.tensor, 0, d, 0});
        per_head_linear(name + "mlp1", scored, d, local_width, schedule_.norm ? normed : tokens_in,
                        features);
        auto& gelu = rowwise(name + "mlp1.gelu", OperatorKind::Gelu, scored, heads * local_width,
                             features, features);
        gelu.a_planes = gelu.c_planes = split ? 1 : heads;
        const Operand global{tensor("selector_global", heads * half), 0, heads * half, 0};
        auto& mean = rowwise(name + "global", OperatorKind::Mean, scored, heads * half,
                             split ? globals : features, global);
        mean.a_planes = heads;
        mean.output_rows = 1;
        auto& concatenate = rowwise(name + "concat", OperatorKind::Concatenate, scored,
                                    heads * half, global, globals);
        concatenate.c_planes = heads;
        concatenate.k = 0; // the global half is held on chip and written beside every local half

        // (2) keep score per head: softmax(MLP2([local, global]))
        const auto hidden1 = sliced("selector_hidden1", half);
        const auto hidden2 = sliced("selector_hidden2", d / 4);
        const auto keep = sliced("selector_keep", 2);
        per_head_linear(name + "mlp2.fc1", scored, d, half, features, hidden1);
        rowwise(name + "mlp2.gelu1", OperatorKind::Gelu, scored, heads * half, flat(hidden1),
                flat(hidden1));
        per_head_linear(name + "mlp2.fc2", scored, half, d / 4, hidden1, hidden2);
        rowwise(name + "mlp2.gelu2", OperatorKind::Gelu, scored, heads * (d / 4), flat(hidden2),
                flat(hidden2));
        per_head_linear(name + "mlp2.fc3", scored, d / 4, 2, hidden2, keep);
        rowwise(name + "softmax", OperatorKind::Softmax, scored * heads, 2, {keep.tensor, 0, 2, 0},
                {keep.tensor, 0, 2, 0});

        // (3) head weights per token: MLP3(per-head channel means), sigmoid
        const auto narrow = std::max<std::uint64_t>(heads / 2, 1);
        const auto means = activation("selector_means", most, heads);
        const auto mixed = activation("selector_mixed", most, narrow);
        const auto head_weights = activation("selector_head_weights", most, heads);
        auto& channel_mean = rowwise(name + "channel_mean", OperatorKind::Mean, scored, heads,
                                     flat(tokens_in), means);
        channel_mean.k = dim;
        linear(name + "mlp3.fc1", scored, heads, narrow, means, mixed);
        rowwise(name + "mlp3.gelu", OperatorKind::Gelu, scored, narrow, mixed, mixed);
        linear(name + "mlp3.fc2", scored, narrow, heads, mixed, head_weights);
        rowwise(name + "mlp3.sigmoid", OperatorKind::Sigmoid, scored, heads, head_weights,
                head_weights);

        // (4) the heads' scores, weighted
        const auto scores = activation("selector_scores", most, 1);
        auto& score = rowwise(name + "score", OperatorKind::Score, scored, 1,
                              {keep.tensor, 0, 2 * heads, 0}, scores);
        score.k = 2 * heads;
        score.b = head_weights;
        score.b_columns = heads;
    }

    /// The selector's own control logic: compact, package, append.
    void package(const Step& step)
    {
        const auto& name = step.name;
        const auto before = step.before;
        const auto after = step.after;
        const auto dim = shape_.channels;
        if (schedule_.package_token == PackageToken::KeptAside) {
            compact(step, before);
            return;
        }
        const auto new_package =
            after < before || schedule_.package_token == PackageToken::OnePerSelector
                ? package_tokens(schedule_, step.index)
                : 0;
        const auto packages =
            std::min(new_package, after > model_.class_tokens ? after - model_.class_tokens : 0);
        // rows carried over unchanged: class tokens, kept patches, earlier package tokens that stay
        const auto appended = packages > 0 && schedule_.package_token != PackageToken::None ? 1 : 0;
        const auto carried = after - static_cast<std::uint64_t>(appended);
        const auto pruned = before > carried ? before - carried : 0;
        auto& compaction =
            rowwise(name + "compact", OperatorKind::Compact, carried, dim, stream_, other_stream_);
        if (schedule_.choice == Choice::TopK) {
            compaction.b = kept_list();
            compaction.b_elements = std::max<std::uint64_t>(kept_places(step), 1);
        }
        const Operand package{tensor("selector_package", dim), 0, dim, 0};
        auto& packager = rowwise(name + "package", OperatorKind::Package,
                                 schedule_.package_token == PackageToken::None ? 0 : pruned, dim,
                                 stream_, package);
        packager.output_rows = 1;
        rowwise(name + "append", OperatorKind::Append, static_cast<std::uint64_t>(appended), dim,
                package, {other_stream_.tensor, carried * dim, dim, 0});
    }

    /// DynamicViT's predictor: LayerNorm, D → D, half of it averaged over the tokens, D → D/2 → D/4
    /// → 2, softmax; the score is the first of the two.
    void predictor(const Step& step)
    {
        const auto& name = step.name;
        const auto scored = step.scored;
        const auto dim = shape_.channels;
        const auto half = dim / 2;
        const auto quarter = dim / 4;
        const auto most = model_.tokens();
        const Operand tokens_in{stream_.tensor, step.first_scored * dim, dim, 0};
        const auto normed = activation("selector_normed", most, dim);
        const auto features = activation("selector_features", most, dim);
        const auto hidden1 = activation("selector_hidden1", most, half);
        const auto hidden2 = activation("selector_hidden2", most, quarter);
        const auto keep = activation("selector_keep", most, 2);
        layer_norm(name + "norm", scored, dim, tokens_in, normed);
        linear(name + "mlp1", scored, dim, dim, normed, features);
        rowwise(name + "mlp1.gelu", OperatorKind::Gelu, scored, dim, features, features);
        const Operand halves{features.tensor, half, dim, 0};
        const Operand global{tensor("selector_global", half), 0, half, 0};
        rowwise(name + "global", OperatorKind::Mean, scored, half, halves, global).output_rows = 1;
        rowwise(name + "concat", OperatorKind::Concatenate, scored, half, global, halves).k = 0;
        linear(name + "mlp2.fc1", scored, dim, half, features, hidden1);
        rowwise(name + "mlp2.gelu1", OperatorKind::Gelu, scored, half, hidden1, hidden1);
        linear(name + "mlp2.fc2", scored, half, quarter, hidden1, hidden2);
        rowwise(name + "mlp2.gelu2", OperatorKind::Gelu, scored, quarter, hidden2, hidden2);
        linear(name + "mlp2.fc3", scored, quarter, 2, hidden2, keep);
        rowwise(name + "softmax", OperatorKind::Softmax, scored, 1, keep, token_scores()).k = 2;
    }

    /// The class token's row of the last attention, mean of the heads; or what the blocks so far
    /// have accumulated.
    void class_attention(const Step& step)
    {
        if (!schedule_.accumulate_scores)
            class_attention_row(step.name + "class_attention", token_scores());
    }

    void class_attention_row(std::string name, Operand scores)
    {
        const auto columns = attention_tokens_ - model_.class_tokens;
        const Operand row{attention_scores_.tensor, model_.class_tokens,
                          attention_tokens_ * attention_tokens_, 0};
        rowwise(std::move(name), OperatorKind::Mean, shape_.heads, columns, row, scores)
            .output_rows = 1;
    }

    /// The class token's row of this block's attention, averaged with that of the blocks before.
    void accumulate_class_attention(const std::string& block)
    {
        selector_ = static_cast<std::uint32_t>(next_selector_ + 1);
        const auto row = activation("class_attention", 1, model_.tokens());
        class_attention_row(block + "attn.class_attention", block_ == 1 ? token_scores() : row);
        if (block_ > 1) {
            const auto columns = attention_tokens_ - model_.class_tokens;
            auto& sum = rowwise(block + "attn.accumulate", OperatorKind::Add, 1, columns, row,
                                token_scores());
            sum.b = token_scores();
            sum.b_columns = columns;
        }
        selector_ = 0;
    }

    /// Logarithm of the patches in each token.
    [[nodiscard]] Operand token_sizes() { return activation("token_sizes", 1, model_.tokens()); }

    /// One score per token.
    [[nodiscard]] Operand token_scores()
    {
        return activation("selector_scores", model_.tokens(), 1);
    }

    /// A-ViT: the first channel of every token is its halting score; those whose sum reaches the
    /// threshold leave. The result is the class token's, weighted block by block.
    void halt(const Step& step)
    {
        const auto dim = shape_.channels;
        const auto scores = token_scores();
        rowwise(step.name + "sigmoid", OperatorKind::Sigmoid, step.before, 1,
                {stream_.tensor, 0, dim, 0}, scores);
        rowwise(step.name + "halt", OperatorKind::Halt, step.before, 1, scores, kept_list());
        accumulate_output(step.name + "output", step.index == 0);
    }

    [[nodiscard]] Operand halting_output()
    {
        return activation("halting_output", model_.class_tokens, shape_.channels);
    }

    void accumulate_output(std::string name, bool first)
    {
        auto& sum = rowwise(std::move(name), OperatorKind::Add, model_.class_tokens,
                            shape_.channels, stream_, halting_output());
        if (first)
            return; // only weighted, nothing to add to
        sum.b = halting_output();
        sum.b_columns = shape_.channels;
    }

    /// Ranks the scores where a fixed number is kept.
    void rank(const Step& step)
    {
        if (schedule_.choice == Choice::TopK)
            top_k(step, step.scored, kept_places(step));
    }

    /// Places that the ranking or the comparison hands to the compaction.
    [[nodiscard]] std::uint64_t kept_places(const Step& step) const
    {
        const auto rows = carried(step);
        return rows > step.unscored ? rows - step.unscored : 0;
    }

    /// Rows that leave the selector as they came.
    [[nodiscard]] std::uint64_t carried(const Step& step) const
    {
        const bool appends = package_tokens(schedule_, step.index) > 0 && step.after < step.before;
        return appends && step.after > 0 ? step.after - 1 : step.after;
    }

    void top_k(const Step& step, std::uint64_t candidates, std::uint64_t chosen)
    {
        auto& op = rowwise(step.name + "top_k", OperatorKind::TopK, candidates > 0 ? 1 : 0,
                           candidates, token_scores(), kept_list());
        op.n = std::max<std::uint64_t>(chosen, 1);
    }

    /// Places of the tokens that stay.
    [[nodiscard]] Operand kept_list() { return activation("selector_kept", model_.tokens(), 1); }

    /// Behind scores without heads: rank or compare, then what becomes of the tokens.
    void choose(const Step& step)
    {
        if (schedule_.choice == Choice::TopK)
            rank(step);
        else
            rowwise(step.name + "score", OperatorKind::Score, step.scored, 1, token_scores(),
                    kept_list());
        switch (schedule_.package_token) {
        case PackageToken::One:
        case PackageToken::OnePerSelector:
            package(step);
            break;
        case PackageToken::Fused:
            fuse(step);
            break;
        case PackageToken::KeptAside: // behind the kept ones, in their order
            compact(step, step.before);
            break;
        case PackageToken::None:
        case PackageToken::Merged:
            compact(step, step.after);
            break;
        }
    }

    void compact(const Step& step, std::uint64_t rows)
    {
        auto& op = rowwise(step.name + "compact", OperatorKind::Compact, rows, shape_.channels,
                           stream_, other_stream_);
        const auto places = kept_places(step);
        const bool listed = schedule_.scoring != Scoring::None && places > 0;
        if (listed) {
            op.b = kept_list();
            op.b_elements = places;
        }
    }

    /// EViT: the tokens pruned here become one, their sum weighted by class attention.
    void fuse(const Step& step)
    {
        const auto dim = shape_.channels;
        const auto rows = carried(step);
        compact(step, rows);
        const Operand fused{tensor("selector_package", dim), 0, dim, 0};
        auto& sum = rowwise(step.name + "fuse", OperatorKind::Fuse,
                            step.before > rows ? step.before - rows : 0, dim, stream_, fused);
        sum.output_rows = 1;
        sum.b = token_scores();
        sum.b_elements = std::max<std::uint64_t>(step.scored, 1);
        rowwise(step.name + "append", OperatorKind::Append, step.after - rows, dim, fused,
                {other_stream_.tensor, rows * dim, dim, 0});
    }

    /// ToMe: keys of the even tokens beside those of the odd ones; the most similar pairs become
    /// one token each, an average weighted by the patches inside.
    void merge(const Step& step)
    {
        const auto dim = shape_.channels;
        const auto d = shape_.head_dim;
        const auto most = model_.tokens();
        const auto n = step.before;
        const auto odd = n / 2;
        const auto even = odd > 0 ? n - odd : 0; // a token alone has nobody to be like
        const auto merged = n - step.after;
        const auto metric = activation("match_keys", most, d);
        auto& mean = rowwise(step.name + "key_mean", OperatorKind::Mean, n, d, keys_, metric);
        mean.k = shape_.attention_channels();
        if (options_.layout_copies)
            mean.a_planes = shape_.heads;
        rowwise(step.name + "normalize", OperatorKind::Normalize, n, d, metric, metric);
        auto& similarity = add(step.name + "similarity", OperatorKind::Gemm);
        similarity.m = even;
        similarity.k = d;
        similarity.n = odd;
        similarity.a = {metric.tensor, 0, 2 * d, 0};
        similarity.b = {metric.tensor, d, 2 * d, 0};
        similarity.c = {tensor("match_scores", (most - most / 2) * (most / 2)), 0, odd, 0};
        similarity.layout = WeightLayout::RowsOfN;
        const auto similarities = similarity.c;
        auto& match = rowwise(step.name + "match", OperatorKind::Match, even, 1, similarities,
                              token_scores()); // the partner's place stays in the selector
        match.k = odd;
        top_k(step, even, merged);
        auto& compaction = rowwise(step.name + "compact", OperatorKind::Compact, step.after, dim,
                                   stream_, other_stream_);
        compaction.b = kept_list();
        compaction.b_elements = std::max<std::uint64_t>(merged, 1);
        auto& average =
            rowwise(step.name + "merge", OperatorKind::Merge, merged, dim, stream_, other_stream_);
        average.b = other_stream_;
        average.b_columns = dim;
        if (schedule_.proportional_attention) // patches in each token, for the next softmax
            rowwise(step.name + "sizes", OperatorKind::Compact, 1, step.after, kept_list(),
                    token_sizes());
    }

    [[nodiscard]] std::uint64_t package_tokens_before(std::size_t index) const
    {
        if (index == 0 || tokens() == model_.tokens())
            return 0;
        return package_tokens(schedule_, index - 1);
    }

    [[nodiscard]] static Operand flat(Operand operand)
    {
        operand.head_stride = 0;
        return operand;
    }

    void heads()
    {
        const auto dim = shape_.channels;
        const bool halts = schedule_.scoring == Scoring::Halting && stage_ > 0;
        if (halts) // what is left of the halting score goes to the last block
            accumulate_output("head.output", false);
        const auto normed = activation("normed", model_.tokens(), dim);
        const auto logits = activation("logits", model_.class_tokens, model_.classes);
        // only the class token is used behind the last block, unless the auxiliary head needs all
        const auto rows = model_.auxiliary_head ? tokens() : model_.class_tokens;
        layer_norm("head.norm", rows, dim, halts ? halting_output() : stream_, normed);
        linear("head.fc", model_.class_tokens, dim, model_.classes, normed, logits);
        if (model_.auxiliary_head) {
            const auto labels = activation("token_labels", model_.tokens(), model_.classes);
            linear("auxiliary_head.fc", tokens() - model_.class_tokens, dim, model_.classes,
                   {normed.tensor, model_.class_tokens * dim, dim, 0}, labels);
        }
    }

    const Model& model_;
    const Schedule& schedule_;
    const BlockShape shape_;
    const LoweringOptions options_;
    Workload workload_;
    std::uint64_t block_ = 0;
    std::uint32_t selector_ = 0;
    std::size_t stage_ = 0;
    std::size_t next_selector_ = 0;
    Operand keys_;             ///< of the block's attention
    Operand attention_scores_; ///< of the last attention, of `attention_tokens_` tokens
    std::uint64_t attention_tokens_ = 0;
    Operand stream_;
    Operand other_stream_;
};

/// Puts images together that were lowered one by one. Their operators and tensors are the same but
/// for the rows: nothing in their names and order depends on the token counts.
class Batch {
  public:
    Batch(const Model& model,
          const Schedule& schedule,
          const std::vector<TokenCounts>& counts,
          LoweringOptions options)
        : model_{model}
        , counts_{counts}
        , keeps_rows_together_{schedule.package_token != PackageToken::KeptAside}
    {
        images_.reserve(counts.size());
        for (const auto& image : counts)
            images_.push_back(lower(model, schedule, image, options));
    }

    Workload run()
    {
        if (images_.size() == 1)
            return std::move(images_.front());
        batch_.tensors = images_.front().tensors;
        for (auto& tensor : batch_.tensors)
            if (!tensor.weight)
                tensor.elements *= images_.size();
        batch_.tokens.assign(counts_.front().size(), 0);
        for (const auto& image : counts_)
            for (std::size_t stage = 0; stage < image.size(); ++stage)
                batch_.tokens[stage] += image[stage];
        const auto& first = images_.front().operators;
        for (std::size_t i = 0; i < first.size();) {
            if (is_shared(first[i])) {
                share(i++);
                continue;
            }
            auto end = i; // what each image does for itself until the next common operator
            while (end < first.size() && !is_shared(first[end]))
                ++end;
            for (std::size_t image = 0; image < images_.size(); ++image)
                for (auto j = i; j < end; ++j)
                    repeat(image, j);
            i = end;
        }
        return std::move(batch_);
    }

  private:
    /// Whether the rows of all images may stand behind each other in this operator.
    [[nodiscard]] bool is_shared(const Operator& op) const
    {
        if (!keeps_rows_together_ || op.selector > 0 || op.batch > 1)
            return false;
        if (op.block == 0) { // class tokens alone, or windows that reach into the next image
            const bool plain_head = op.name == "head.fc" && !model_.auxiliary_head;
            const bool patches = op.name == "patch_embed.proj" &&
                                 images_.front().tensors[op.a.tensor].elements == op.m * op.k;
            return plain_head || patches;
        }
        switch (op.kind) {
        case OperatorKind::Gemm:
            return op.static_weights;
        case OperatorKind::LayerNorm:
        case OperatorKind::Gelu:
        case OperatorKind::Add:
            return true;
        default:
            return false;
        }
    }

    void share(std::size_t index)
    {
        auto op = images_.front().operators[index];
        op.m = 0;
        for (const auto& image : images_)
            op.m += image.operators[index].m;
        batch_.operators.push_back(std::move(op));
    }

    void repeat(std::size_t image, std::size_t index)
    {
        auto op = images_[image].operators[index];
        op.name += ".image" + std::to_string(image + 1);
        op.a.offset += start(image, op, op.a, op.stage);
        // a selector writes the tokens of the next stage, and merges into them
        const bool next = op.selector > 0 && is_stream(op.c);
        const auto stage = op.stage + (next ? 1U : 0U);
        op.b.offset += start(image, op, op.b, stage);
        op.c.offset += start(image, op, op.c, stage);
        batch_.operators.push_back(std::move(op));
    }

    [[nodiscard]] const std::string& name_of(const Operand& operand) const
    {
        return batch_.tensors[operand.tensor].name;
    }

    [[nodiscard]] bool is_stream(const Operand& operand) const
    {
        return name_of(operand) == "tokens_a" || name_of(operand) == "tokens_b";
    }

    /// Tensors whose rows common operators take as one matrix.
    [[nodiscard]] bool is_packed(const Operand& operand) const
    {
        constexpr std::array<const char*, 7> packed{"tokens_a", "tokens_b", "normed", "qkv",
                                                    "attended", "branch",   "hidden"};
        const auto& name = name_of(operand);
        return std::any_of(packed.begin(), packed.end(),
                           [&name](const char* each) { return name == each; });
    }

    /// Where the operand's tensor has the rows of `image`, in elements.
    [[nodiscard]] std::uint64_t
    start(std::size_t image, const Operator& op, const Operand& operand, std::size_t stage) const
    {
        if (!operand.used() || batch_.tensors[operand.tensor].weight)
            return 0;
        const auto elements = images_.front().tensors[operand.tensor].elements;
        if (!keeps_rows_together_ || !is_packed(operand))
            return image * elements;
        const auto columns = elements / model_.tokens();
        const bool class_rows = op.block == 0 && op.name.rfind("head.", 0) == 0 &&
                                !is_stream(operand) && !model_.auxiliary_head;
        if (class_rows)
            return image * model_.class_tokens * columns;
        std::uint64_t rows = 0;
        for (std::size_t before = 0; before < image; ++before)
            rows += counts_[before][stage];
        return rows * columns;
    }

    const Model& model_;
    const std::vector<TokenCounts>& counts_;
    const bool keeps_rows_together_;
    std::vector<Workload> images_;
    Workload batch_;
};

} // namespace

std::uint64_t Operator::input_elements(std::uint64_t rows, std::uint64_t depth) const
{
    if (kind != OperatorKind::Convolution)
        return rows * depth;
    // windows overlap by kernel − stride pixels: each input pixel is fetched once per tile, plus
    // the rows above that the tile shares with its neighbour
    const auto step = std::min(window.stride, window.kernel);
    const auto halo_rows = window.kernel - step;
    const auto pixels = rows * step * step + halo_rows * input_width;
    return ceil_div(pixels * input_channels * depth, k);
}

std::uint64_t Workload::macs() const
{
    std::uint64_t sum = 0;
    for (const auto& op : operators)
        sum += op.macs();
    return sum;
}

std::uint64_t Workload::compulsory_bytes(std::uint64_t activation_bytes,
                                         std::uint64_t weight_bytes) const
{
    std::uint64_t bytes = 0;
    std::vector<bool> counted(tensors.size(), false); // images of a batch have weights in common
    for (const auto& op : operators) {                // an operator without rows needs no weights
        if (op.rows() == 0 || !op.b.used() || !tensors[op.b.tensor].weight || counted[op.b.tensor])
            continue;
        counted[op.b.tensor] = true;
        bytes += tensors[op.b.tensor].elements * weight_bytes;
    }
    if (!operators.empty()) {
        const auto& last = operators.back();
        bytes += tensors[operators.front().a.tensor].elements * activation_bytes;
        bytes += last.rows() * last.n * activation_bytes;
    }
    return bytes;
}

Workload lower(const Model& model,
               const Schedule& schedule,
               const TokenCounts& counts,
               LoweringOptions options)
{
    return Lowering{model, schedule, counts, options}.run();
}

Workload lower_batch(const Model& model,
                     const Schedule& schedule,
                     const std::vector<TokenCounts>& counts,
                     LoweringOptions options)
{
    return Batch{model, schedule, counts, options}.run();
}

Workload single_gemm(std::uint64_t m, std::uint64_t k, std::uint64_t n, std::uint64_t batch)
{
    Workload workload;
    workload.tokens = {m};
    workload.tensors = {{"input", false, batch * m * k},
                        {"weights", true, batch * k * n},
                        {"output", false, batch * m * n}};
    Operator op;
    op.name = "gemm";
    op.batch = batch;
    op.m = m;
    op.k = k;
    op.n = n;
    op.a = {0, 0, k, m * k};
    op.b = {1, 0, 0, k * n};
    op.c = {2, 0, n, m * n};
    op.static_weights = true;
    workload.operators.push_back(std::move(op));
    return workload;
}

} // namespace heatsim::workload
