using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Storage.Selection;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Everything as in production: the log's writer, the job Compact with real blocks, the reader of the whole store.</summary>
internal sealed class RealFormats : BlockFormats
{
    private const int GroupBytes = 1500;

    /// <summary>No run of a job has so much to do, whatever was missed before it.</summary>
    private const int MaxCommits = 100;
    private static readonly VectorSelector Everything = SelectorParser.Parse("{__name__=~\"s.+\"}");

    private readonly BlockProcess process;
    private readonly IBlobStore blobs;
    private readonly ITableStore tables;
    private readonly LogWriter log;
    private readonly CompactJob job;
    private readonly StoreReader reader;

    public RealFormats(BlockProcess process, IBlobStore blobs, ITableStore tables)
    {
        (this.process, this.blobs, this.tables) = (process, blobs, tables);
        log = new LogWriter(blobs, process.Time, process.NewUlid);
        job = new CompactJob(blobs, tables, process.Time, process.NewUlid);
        var options = new StoreReaderOptions { CacheBytes = 256 * 1024 };
        reader = new StoreReader(blobs, tables, recent: null, options, process.Time, process.NewUlid);
    }

    /// <inheritdoc/>
    public override async Task AppendAsync(StandInSample sample)
    {
        var tickMs = process.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var added = new SampleColumns(
            new SeriesList([LabelSet.Of("__name__", "up", "job", process.Name)]),
            new[] { tickMs },
            new[] { 1.0 }
        );
        var batch = new Batch
        {
            // One batch a tick: a late sample's part is in another window than the report.
            Source = process.Name,
            TickMs = tickMs,
            Report = new ScrapeReport
            {
                Verdict = Verdict.Complete,
                StartedMs = tickMs,
                Scraped = 1,
            },
            Scraped = RealSamples.Encode(sample),
            Added = added,
        };
        await log.AppendAsync([batch], CancellationToken.None);
    }

    /// <inheritdoc/>
    public override async Task<int> CompactAsync(bool merges)
    {
        var random = process.Random;
        var plan = new CompactPlan
        {
            NoNewStepAfter = TimeSpan.FromDays(1),
            MaxBlocks = MaxCommits,
            Retention = new RetentionPlan { Time = process.Retention },
            LevelOne = new LevelOnePlan { GroupBytes = GroupBytes, LateBytes = GroupBytes },
            // Now and then with next to no memory: series by series, everything through temporary files.
            Options = random.Chance(0.02)
                ? new CompactionOptions { MemoryBytes = random.Next(2048) }
                : new CompactionOptions(),
        };
        plan = merges ? plan : plan with { Merge = plan.Merge with { InputBytes = 0 } };
        var result = await job.RunAsync(plan, CancellationToken.None);
        // What could not be removed is no damage: the next run does.
        var damaged = result.Problems.FirstOrDefault(problem =>
            !problem.StartsWith("simulated store", StringComparison.Ordinal)
        );
        var commits = result.LogBlocks + result.Merges;
        return damaged is not null ? throw new InvalidDataException($"damaged: {damaged}")
            : commits < MaxCommits ? commits
            : throw new InvalidDataException($"restless: {commits} commits in a row, and still something to do");
    }

    /// <inheritdoc/>
    public override async Task RebuildAsync() =>
        await new RebuildManifestJob(blobs, tables, process.Time, process.NewUlid).RunAsync(CancellationToken.None);

    /// <inheritdoc/>
    public override async Task<IReadOnlySet<StandInSample>> ReadAsync(TimeRange range, TimeSpan pause)
    {
        var found = await reader.SelectAsync([Everything], range, CancellationToken.None);
        return found.Warnings.Count > 0
            ? throw new InvalidDataException($"damaged: {process.Name} was told {found.Warnings[0]}")
            : RealSamples.Decode(process.Name, found.Series);
    }
}
