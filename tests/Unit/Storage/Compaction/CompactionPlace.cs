using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Manifest;

namespace Tributary.Tests.Unit.Storage.Compaction;

/// <summary>A log, a manifest, and what compaction makes of them, in memory.</summary>
internal sealed class CompactionPlace
{
    private static readonly VectorSelector Everything = SelectorParser.Parse("{__name__=~\".+\"}");
    private byte writers;

    public CompactionPlace() =>
        Manifest.Time.Advance(DateTimeOffset.FromUnixTimeMilliseconds(LogBatches.NoonMs) - Manifest.Time.GetUtcNow());

    public ManifestPlace Manifest { get; } = new();

    public CompactionOptions Options { get; init; } = new() { StoreId = "test" };

    public static CancellationToken Token => ManifestPlace.Token;

    public LogWriter NewWriter()
    {
        var (writer, file) = (++writers, (byte)0);
        return new LogWriter(
            Manifest.Blobs,
            Manifest.Time,
            () => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, ++file])
        );
    }

    /// <summary>What readers of the log alone see.</summary>
    public async Task<IReadOnlyList<SelectedSeries>> ReadLogAsync()
    {
        var log = new RecentLog(Manifest.Blobs, new SeriesTable(), null, Manifest.Time);
        await log.LoadAsync(null, Token);
        log.LoadHistory();
        return log.Select([Everything], new TimeRange(long.MinValue, long.MaxValue));
    }

    /// <summary>Makes a block of all log files of a window.</summary>
    public async Task<Ulid?> CompactLogAsync(Window window)
    {
        var plannedOn = await Manifest.Reader.RefreshAsync(Token);
        var range = new TimeRange(window.StartMs, window.EndMs - 1);
        var files = await LogListing.OfAsync(Manifest.Blobs, range, Token);
        var written = default(Ulid?);
        var committer = new BlockCommitter(Manifest.Blobs, Manifest.Writer, Manifest.Time, Manifest.NewUlid);
        var result = await committer.LevelOneAsync(
            new LevelOneGroup(window, files),
            plannedOn,
            async (task, token) =>
            {
                var block = await new LogCompaction(Manifest.Blobs, Options).WriteAsync(task, token);
                written = block?.Block.Ulid;
                return block;
            },
            Token
        );
        Assert.True(result.IsCommitted, result.Refusal);
        return written;
    }

    /// <summary>Makes one block of several live ones.</summary>
    public async Task<Ulid?> MergeAsync(params Ulid[] inputs)
    {
        var plannedOn = await Manifest.Reader.RefreshAsync(Token);
        var written = default(Ulid?);
        var committer = new BlockCommitter(Manifest.Blobs, Manifest.Writer, Manifest.Time, Manifest.NewUlid);
        var result = await committer.MergeAsync(
            [.. inputs.Select(ulid => plannedOn.Blocks[ulid])],
            plannedOn,
            async (task, token) =>
            {
                var block = await new BlockCompaction(Manifest.Blobs, Options).WriteAsync(task, token);
                written = block?.Block.Ulid;
                return block;
            },
            Token
        );
        Assert.True(result.IsCommitted, result.Refusal);
        return written;
    }

    public async Task<BlockReader> OpenAsync(Ulid block) =>
        await BlockSamples.OpenAsync(Manifest.Blobs, BlockPaths.PrefixOf(block));
}
