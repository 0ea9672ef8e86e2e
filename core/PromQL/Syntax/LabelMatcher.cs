using System.Diagnostics;
using Tributary.Model;
using Tributary.Patterns;

namespace Tributary.PromQL.Syntax;

/// <summary>A condition on one label of a series; a label that the series does not have counts as the empty text.</summary>
public sealed class LabelMatcher : IEquatable<LabelMatcher>
{
    private readonly RePattern? pattern;

    /// <summary>A matcher of a label's name, an operator and a value, which is a regular expression for two of them.</summary>
    /// <exception cref="PatternException">The regular expression is not valid.</exception>
    public LabelMatcher(string name, MatchOperator @operator, string value)
    {
        Name = name;
        Operator = @operator;
        Value = value;
        pattern = @operator is MatchOperator.Regex or MatchOperator.NotRegex ? RePattern.Parse(value) : null;
        MatchesEmpty = Matches("");
    }

    /// <summary>The unescaped name of the label.</summary>
    public string Name { get; }

    /// <summary>How the value is compared.</summary>
    public MatchOperator Operator { get; }

    /// <summary>The unescaped text or regular expression.</summary>
    public string Value { get; }

    /// <summary>Whether series without the label match.</summary>
    public bool MatchesEmpty { get; }

    /// <summary>The regular expression, if the operator takes one.</summary>
    internal RePattern? Pattern => pattern;

    /// <summary>Whether a label's value matches.</summary>
    public bool Matches(string value) =>
        Operator switch
        {
            MatchOperator.Equal => string.Equals(value, Value, StringComparison.Ordinal),
            MatchOperator.NotEqual => !string.Equals(value, Value, StringComparison.Ordinal),
            MatchOperator.Regex => pattern!.IsMatch(value),
            MatchOperator.NotRegex => !pattern!.IsMatch(value),
            _ => throw new UnreachableException(),
        };

    /// <summary>Whether a series matches.</summary>
    public bool Matches(LabelSet series) => series.Get(Name) is { } value ? Matches(value) : MatchesEmpty;

    /// <summary>Whether it asks for series of this metric name.</summary>
    internal bool IsName(string name) =>
        Operator == MatchOperator.Equal
        && string.Equals(Name, LabelSet.MetricNameLabel, StringComparison.Ordinal)
        && string.Equals(Value, name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(LabelMatcher? other) =>
        other is not null
        && Operator == other.Operator
        && string.Equals(Name, other.Name, StringComparison.Ordinal)
        && string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelMatcher);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Operator, Value);

    /// <summary>The matcher as a selector writes it: <c>name=~"value"</c>.</summary>
    public override string ToString() =>
        (LabelText.IsPlainName(Name) ? Name : Quoting.Quote(Name)) + Operator.Symbol() + Quoting.Quote(Value);
}
