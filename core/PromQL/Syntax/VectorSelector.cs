using Tributary.Model;

namespace Tributary.PromQL.Syntax;

/// <summary>Selects the series that satisfy every matcher.</summary>
/// <param name="Matchers">The conditions; a metric name before the braces stands first.</param>
public sealed record VectorSelector(IReadOnlyList<LabelMatcher> Matchers)
{
    /// <summary>Whether a series is selected.</summary>
    public bool Matches(LabelSet series)
    {
        foreach (var matcher in Matchers)
        {
            if (!matcher.Matches(series))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The selector as query text, all matchers inside the braces.</summary>
    public override string ToString() => "{" + string.Join(", ", Matchers) + "}";
}
