namespace Tributary.PromQL.Syntax;

/// <summary>How the series of two vectors meet in a binary expression.</summary>
/// <param name="Cardinality">How many series may meet.</param>
/// <param name="On">Whether series meet by the named labels only, rather than by all others.</param>
/// <param name="Labels">The labels of <c>on</c> or <c>ignoring</c>, as written.</param>
/// <param name="Include">The labels that <c>group_left</c> or <c>group_right</c> take from the side of one.</param>
/// <param name="FillLeft">The value of a missing series of the left side; null to leave the match out.</param>
/// <param name="FillRight">The value of a missing series of the right side; null to leave the match out.</param>
public sealed record VectorMatching(
    MatchCardinality Cardinality,
    bool On,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Include,
    double? FillLeft,
    double? FillRight
)
{
    /// <inheritdoc/>
    public bool Equals(VectorMatching? other) =>
        other is not null
        && Cardinality == other.Cardinality
        && On == other.On
        && Nullable.Equals(FillLeft, other.FillLeft)
        && Nullable.Equals(FillRight, other.FillRight)
        && Labels.SequenceEqual(other.Labels, StringComparer.Ordinal)
        && Include.SequenceEqual(other.Include, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Cardinality, On, Labels.Count, Include.Count, FillLeft, FillRight);
}
