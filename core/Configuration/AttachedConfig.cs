namespace Tributary.Configuration;

/// <summary>Blocks of others that are read besides our own: <c>tributary.storage.attached</c>.</summary>
/// <param name="Name">What warnings and the status call it.</param>
public sealed record AttachedConfig(string Name)
{
    /// <summary>So often the list of blocks is read when nothing is said.</summary>
    public static readonly TimeSpan DefaultRefresh = TimeSpan.FromMinutes(5);

    /// <summary>The container of our own storage account (of a local storage: the folder in it) that has the blocks; else null.</summary>
    public string? Container { get; init; }

    /// <summary>The folder of this machine that has the blocks; else null.</summary>
    public string? Folder { get; init; }

    /// <summary>What the names of the blocks begin with inside the container; empty, or it ends with a slash.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>How often the list of blocks is read.</summary>
    public TimeSpan RefreshInterval { get; init; } = DefaultRefresh;
}
