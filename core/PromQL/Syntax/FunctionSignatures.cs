using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Tributary.PromQL.Syntax;

/// <summary>All functions of Prometheus 3.14 (https://prometheus.io/docs/prometheus/latest/querying/functions/).</summary>
public static class FunctionSignatures
{
    private static readonly FrozenDictionary<string, FunctionSignature> ByName = Build();

    private static readonly FrozenDictionary<string, FunctionSignature>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Every function, by name.</summary>
    public static IReadOnlyList<FunctionSignature> All { get; } =
    [.. ByName.Values.OrderBy(function => function.Name, StringComparer.Ordinal)];

    /// <summary>The function of a name, in the case in which it is written here.</summary>
    public static bool TryGet(ReadOnlySpan<char> name, [NotNullWhen(true)] out FunctionSignature? function) =>
        BySpan.TryGetValue(name, out function);

    private static FrozenDictionary<string, FunctionSignature> Build()
    {
        var functions = new List<FunctionSignature>();

        // A signature is the letters of its types, the result last: s scalar, v instant vector, m range vector, t text.
        void Add(string signature, string names, int variadic = 0, bool experimental = false)
        {
            foreach (var name in names.Split(' '))
            {
                ExpressionType[] arguments = [.. signature[..^1].Select(TypeOf)];
                functions.Add(new FunctionSignature(name, arguments, variadic, TypeOf(signature[^1]), experimental));
            }
        }

        Add("vv", "abs absent ceil exp floor ln log10 log2 sgn sort sort_desc sqrt timestamp");
        Add("vv", "acos acosh asin asinh atan atanh cos cosh deg rad sin sinh tan tanh");
        Add("vv", "histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum");
        Add("vv", "day_of_month day_of_week day_of_year days_in_month hour minute month year", variadic: 1);
        Add("vv", "start_timestamp", experimental: true);
        Add("mv", "absent_over_time avg_over_time count_over_time first_over_time last_over_time");
        Add("mv", "max_over_time min_over_time");
        Add("mv", "present_over_time stddev_over_time stdvar_over_time sum_over_time");
        Add("mv", "changes delta deriv idelta increase irate rate resets");
        Add("mv", "mad_over_time ts_of_first_over_time ts_of_last_over_time", experimental: true);
        Add("mv", "ts_of_max_over_time ts_of_min_over_time", experimental: true);
        Add("vsv", "clamp_max clamp_min");
        Add("vssv", "clamp");
        Add("vsv", "round", variadic: 1);
        Add("ssvv", "histogram_fraction");
        Add("svv", "histogram_quantile");
        Add("vtssv", "histogram_quantiles", variadic: 9, experimental: true);
        Add("mssv", "double_exponential_smoothing", experimental: true);
        Add("msv", "predict_linear");
        Add("smv", "quantile_over_time");
        Add("vvv", "info", variadic: 1, experimental: true);
        Add("vttttv", "label_replace");
        Add("vtttv", "label_join", variadic: -1);
        Add("vtv", "sort_by_label sort_by_label_desc", variadic: -1, experimental: true);
        Add("vs", "scalar");
        Add("sv", "vector");
        Add("s", "pi time");
        Add("s", "end range start step", experimental: true);
        Add("sss", "max_of min_of", experimental: true);
        return functions.ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);
    }

    private static ExpressionType TypeOf(char letter) =>
        letter switch
        {
            's' => ExpressionType.Scalar,
            'v' => ExpressionType.Vector,
            'm' => ExpressionType.Matrix,
            _ => ExpressionType.String,
        };
}
