namespace Tributary.Stores.Azure;

/// <summary>One page of a list, and where the next begins (null: nowhere).</summary>
internal readonly record struct ListPage<T>(IReadOnlyList<T> Items, string? NextMarker);
