using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a process writes and reads: texts that stand in for the real formats, or the real ones.</summary>
internal abstract class BlockFormats
{
    /// <summary>Appends a sample to the log.</summary>
    public abstract Task AppendAsync(StandInSample sample);

    /// <summary>Compacts and merges until there is nothing to do, or something else came first.</summary>
    /// <returns>How many commits there were.</returns>
    public abstract Task<int> CompactAsync(bool merges);

    /// <summary>Makes the manifest anew from the blocks.</summary>
    public abstract Task RebuildAsync();

    /// <summary>All samples of a range that a reader is answered; a pause comes between plan and reading, if it can be had.</summary>
    public abstract Task<IReadOnlySet<StandInSample>> ReadAsync(TimeRange range, TimeSpan pause);

    /// <summary>Makes the formats of a process.</summary>
    /// <param name="process">The process.</param>
    /// <param name="blobs">Its blobs.</param>
    /// <param name="tables">Its tables.</param>
    public delegate BlockFormats Maker(BlockProcess process, IBlobStore blobs, ITableStore tables);
}
