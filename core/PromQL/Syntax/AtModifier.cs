namespace Tributary.PromQL.Syntax;

/// <summary>The <c>@</c> modifier of a selector or subquery.</summary>
/// <param name="Kind">Which time it is.</param>
/// <param name="Timestamp">In milliseconds since the epoch, if <see cref="AtKind.Timestamp"/>, else 0.</param>
public readonly record struct AtModifier(AtKind Kind, long Timestamp = 0);
