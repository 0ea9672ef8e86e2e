using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The production code's protocol with texts as log files and blocks: many worlds in little time.</summary>
internal sealed class StandInFormats(BlockProcess process, IBlobStore blobs, ITableStore tables) : BlockFormats
{
    private readonly Dictionary<Window, (LogFileName Name, long Length)> open = [];

    private LevelOnePlan LevelOne { get; } = new() { GroupBytes = 200, LateBytes = 150 };

    private MergePlan Merges { get; } = new() { InputBytes = 100_000, Retention = TimeSpan.FromDays(15) };

    /// <inheritdoc/>
    public override async Task AppendAsync(StandInSample sample) =>
        await StandInBlocks.AppendAsync(blobs, open, sample, process.NewUlid);

    /// <inheritdoc/>
    public override async Task<int> CompactAsync(bool merges)
    {
        var committer = new BlockCommitter(blobs, process.Writer, process.Time, process.NewUlid);
        var write = StandInBlocks.Writer(blobs, process.Time);
        for (var commits = 0; ; commits++)
        {
            var now = await StoreClock.NowAsync(tables, process.Time, default);
            var log = await LogListing.AllAsync(blobs, default);
            var manifest = await process.Reader.RefreshAsync(default);
            var result =
                LevelOne.Groups(now, log, manifest) is [var group, ..]
                    ? await committer.LevelOneAsync(group, manifest, write, default)
                : merges && Merges.Next(manifest.Blocks.Values) is { } inputs
                    ? await committer.MergeAsync(inputs, manifest, write, default)
                : default;
            if (commits == 100)
            {
                throw new InvalidDataException($"restless: {commits} commits in a row, and still something to do");
            }
            if (!result.IsCommitted)
            {
                return commits;
            }
        }
    }

    /// <inheritdoc/>
    public override Task RebuildAsync() =>
        new ManifestRebuild(blobs, tables, process.Reader, process.Time, process.NewUlid).RunAsync(
            _ => StandInBlocks.FindAsync(blobs),
            default
        );

    /// <inheritdoc/>
    public override async Task<IReadOnlySet<StandInSample>> ReadAsync(TimeRange range, TimeSpan pause) =>
        await new StoreView(blobs, process.Reader).ReadAsync(
            range,
            async (plan, _) =>
            {
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, process.Time, CancellationToken.None);
                }
                return await StandInBlocks.ReadAsync(blobs, plan);
            },
            default
        );
}
