namespace Tributary.Stores;

/// <summary>What a store says of a blob.</summary>
/// <param name="Name">The name from the store's root.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="ETag">Changes with every write and append; opaque, without quotes.</param>
/// <param name="LastModified">By the store's clock.</param>
/// <param name="IsSealed">Whether appending has ended for ever.</param>
public sealed record BlobInfo(
    string Name,
    long LengthBytes,
    string ETag,
    DateTimeOffset LastModified,
    bool IsSealed = false
);
