namespace Tributary.Stores;

/// <summary>A row as stored. Property values are <c>string</c>, <c>long</c>, <c>bool</c>, <c>double</c> or <c>byte[]</c>.</summary>
/// <param name="Row">The row's key in its partition.</param>
/// <param name="ETag">Changes with every write; opaque.</param>
/// <param name="Timestamp">When it was written, by the store's clock.</param>
/// <param name="Properties">The named values.</param>
public sealed record TableRow(
    string Row,
    string ETag,
    DateTimeOffset Timestamp,
    IReadOnlyDictionary<string, object> Properties
);

/// <summary>What a write does to its row.</summary>
public enum TableAction
{
    /// <summary>The row must not exist.</summary>
    Insert,

    /// <summary>The row becomes exactly these properties; with an ETag it must exist with it, without one it may be absent.</summary>
    Replace,

    /// <summary>The row goes; with an ETag it must have it; without one it must exist.</summary>
    Delete,
}

/// <summary>One write of a transaction.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Row">The row's key.</param>
/// <param name="Properties">The named values; null for a deletion.</param>
/// <param name="IfMatch">The ETag that the row must have, or null.</param>
public sealed record TableWrite(
    TableAction Action,
    string Row,
    IReadOnlyDictionary<string, object>? Properties = null,
    string? IfMatch = null
);
