namespace Tributary.PromQL.Syntax;

/// <summary>Which experimental parts of the language are on; each is off by default, as in Prometheus.</summary>
/// <param name="ExperimentalFunctions"><c>--enable-feature=promql-experimental-functions</c></param>
/// <param name="DurationExpressions"><c>--enable-feature=promql-duration-expr</c></param>
/// <param name="ExtendedRangeSelectors"><c>--enable-feature=promql-extended-range-selectors</c></param>
/// <param name="FillModifiers"><c>--enable-feature=promql-binop-fill-modifiers</c></param>
public sealed record ParserOptions(
    bool ExperimentalFunctions = false,
    bool DurationExpressions = false,
    bool ExtendedRangeSelectors = false,
    bool FillModifiers = false
)
{
    /// <summary>A stock server: nothing experimental.</summary>
    public static ParserOptions Stable { get; } = new();

    /// <summary>Everything.</summary>
    public static ParserOptions All { get; } = new(true, true, true, true);
}
