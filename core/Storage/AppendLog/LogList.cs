using System.Collections.Immutable;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>The files of some windows of the log, as they were listed.</summary>
/// <param name="number">Lists that began later have higher numbers.</param>
/// <param name="files">The files, by name.</param>
/// <param name="known">The files that the head had samples of before; those that are not listed were gone.</param>
internal sealed class LogList(
    long number,
    IReadOnlyList<(LogFileName Name, BlobInfo Blob)> files,
    ImmutableHashSet<LogFileName> known
)
{
    public long Number => number;

    public IReadOnlyList<(LogFileName Name, BlobInfo Blob)> Files => files;

    public ImmutableHashSet<LogFileName> Known => known;

    /// <summary>The names of the files.</summary>
    public HashSet<LogFileName> Names { get; } = [.. files.Select(file => file.Name)];
}
