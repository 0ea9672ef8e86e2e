using Tributary.Binary;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Compact: log files of windows that are over become blocks, blocks become larger ones, what is too old goes.</summary>
/// <remarks>
/// Cut into steps that each commit; a run that ends in the middle, however it ends, costs the step that was under way. Two
/// runs at once lose nothing and double nothing; the lease only keeps them from doing the same work.
/// </remarks>
public sealed class CompactJob
{
    internal const string LeaseName = "compact";

    private readonly IBlobStore blobs;
    private readonly ITableStore tables;
    private readonly ManifestReader reader;
    private readonly BlockCommitter committer;
    private readonly Retention retention;
    private readonly GarbageCollector garbage;
    private readonly OrphanSweep sweep;
    private readonly ManifestWriter writer;
    private readonly TimeProvider time;
    private readonly Func<Ulid> newUlid;
    private readonly HashSet<LogFileName> damaged = [];

    /// <summary>What was wrong once. It is in quarantine only when it is wrong on a fresh read, too.</summary>
    private readonly HashSet<Ulid> suspect = [];
    private long? swept;

    /// <summary>A job over stores.</summary>
    /// <param name="blobs">Where log and blocks lie.</param>
    /// <param name="tables">Where the manifest lies.</param>
    /// <param name="time">The clock of pauses and deadlines; ages are by the store's.</param>
    /// <param name="newUlid">Makes identifiers of the present time; never the same twice.</param>
    public CompactJob(IBlobStore blobs, ITableStore tables, TimeProvider time, Func<Ulid> newUlid)
    {
        (this.blobs, this.tables, this.time, this.newUlid) = (blobs, tables, time, newUlid);
        reader = new ManifestReader(tables);
        writer = new ManifestWriter(tables, reader, time);
        committer = new BlockCommitter(blobs, writer, time, newUlid);
        retention = new Retention(blobs, tables, reader, writer, time, newUlid);
        garbage = new GarbageCollector(blobs, tables, reader, writer, time, newUlid);
        sweep = new OrphanSweep(blobs, tables, reader, writer, time, newUlid);
    }

    /// <summary>One run: retention, blocks of level 1, merges, garbage.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="cancellationToken">Ends the work; what was committed stays.</param>
    /// <exception cref="StoreException">The store cannot be used; the rest waits for the next run.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<CompactResult> RunAsync(CompactPlan plan, CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Compact);
        var started = time.GetTimestamp();
        if (await JobLease.TryTakeAsync(blobs, LeaseName, cancellationToken) is not { } lease)
        {
            return new CompactResult { IsElsewhere = true };
        }
        try
        {
            return await lease.WhileAsync(
                () => RunAsync(plan, started, lease, cancellationToken),
                time,
                cancellationToken
            );
        }
        finally
        {
            await lease.ReleaseAsync(CancellationToken.None);
        }
    }

    /// <summary>A step that began under the lease is finished also without it; only nothing more is begun.</summary>
    private async Task<CompactResult> RunAsync(
        CompactPlan plan,
        long started,
        JobLease lease,
        CancellationToken cancellationToken
    )
    {
        var storeId = await StoreIdentity.GetAsync(blobs, newUlid, cancellationToken);
        plan = plan with { Options = plan.Options with { StoreId = storeId } };
        var run = new Run(plan, () => !lease.IsLost && time.GetElapsedTime(started) < plan.NoNewStepAfter);
        // First, and whatever becomes of the rest: it does not depend on compaction.
        var gone = await retention.RunAsync(plan.Retention, cancellationToken);
        run.Result = run.Result with
        {
            RetiredBlocks = gone.Blocks,
            RetiredLogFiles = gone.LogFiles,
            Problems = gone.Problems,
        };
        await CompactLogAsync(run, cancellationToken);
        await MergeAsync(run, cancellationToken);
        await CleanAsync(run, cancellationToken);
        return run.Result with { IsUnfinished = !run.HasTime() };
    }

    /// <summary>Makes blocks of the log files that are due, the oldest window first.</summary>
    private async Task CompactLogAsync(Run run, CancellationToken cancellationToken)
    {
        var compaction = new LogCompaction(blobs, run.Plan.Options);
        for (var refused = 0; run.HasTime() && refused < CompactPlan.MaxRefusals; )
        {
            var now = await StoreClock.NowAsync(tables, time, cancellationToken);
            var files = await LogListing.AllAsync(blobs, cancellationToken);
            var manifest = await reader.RefreshAsync(cancellationToken);
            var sound = files.Where(file => !damaged.Contains(file.Name));
            if (run.Plan.LevelOne.Groups(now, sound, manifest) is not [var group, ..])
            {
                return;
            }
            try
            {
                var result = await committer.LevelOneAsync(
                    group,
                    manifest,
                    run.Keep(compaction.WriteAsync),
                    cancellationToken
                );
                refused += result.IsCommitted ? 0 : 1;
                run.Note(result, result => result with { LogBlocks = result.LogBlocks + 1 });
            }
            catch (CorruptDataException exception) when (DamagedOf(group, exception) is { } file)
            {
                // It stays in the log, where it is read up to the damage, and goes with the retention time.
                damaged.Add(file);
                run.Note(exception.Message);
            }
        }
    }

    /// <summary>Makes larger blocks, and such as overlap no other.</summary>
    private async Task MergeAsync(Run run, CancellationToken cancellationToken)
    {
        var compaction = new BlockCompaction(blobs, run.Plan.Options);
        for (var refused = 0; run.HasTime() && refused < CompactPlan.MaxRefusals; )
        {
            var manifest = await reader.RefreshAsync(cancellationToken);
            if (run.Plan.Merge.Next(manifest.Blocks.Values) is not { } inputs)
            {
                return;
            }
            try
            {
                var result = await committer.MergeAsync(
                    inputs,
                    manifest,
                    run.Keep(compaction.WriteAsync),
                    cancellationToken
                );
                refused += result.IsCommitted ? 0 : 1;
                run.Note(result, result => result with { Merges = result.Merges + 1 });
            }
            catch (CorruptDataException exception) when (DamagedOf(inputs, exception) is { } block)
            {
                if (!suspect.Add(block))
                {
                    await writer.QuarantineAsync(newUlid(), block, exception.Message, cancellationToken);
                    run.Note(exception.Message);
                }
                refused++;
            }
        }
    }

    private async Task CleanAsync(Run run, CancellationToken cancellationToken)
    {
        var held = LogHolds.Of(tables, run.Plan.RemoteWriteMaxAge, time);
        var result = await garbage.RunAsync(run.Plan.Garbage with { Holds = held }, cancellationToken);
        run.Result = run.Result with { RemovedBlocks = result.Blocks, RemovedLogFiles = result.LogFiles };
        foreach (var problem in result.Problems)
        {
            run.Note(problem);
        }
        if (!run.HasTime() || (swept is { } last && time.GetElapsedTime(last) < CompactPlan.SweepEvery))
        {
            return;
        }
        swept = time.GetTimestamp();
        await sweep.RunAsync(run.Plan.Garbage, cancellationToken);
    }

    private static LogFileName? DamagedOf(LevelOneGroup group, CorruptDataException exception)
    {
        foreach (var file in group.Files)
        {
            if (string.Equals(file.Name.ToString(), exception.Blob, StringComparison.Ordinal))
            {
                return file.Name;
            }
        }
        return null;
    }

    private static Ulid? DamagedOf(IReadOnlyList<BlockRow> inputs, CorruptDataException exception)
    {
        foreach (var input in inputs)
        {
            var prefix = BlockDescription.PrefixOf(input.Block.Ulid);
            if (exception.Blob.StartsWith(prefix, StringComparison.Ordinal))
            {
                return input.Block.Ulid;
            }
        }
        return null;
    }

    /// <summary>What one run has done so far.</summary>
    private sealed class Run(CompactPlan plan, Func<bool> hasTime)
    {
        private WrittenBlock? written;

        public CompactPlan Plan => plan;

        public bool HasTime() => hasTime() && Result.LogBlocks + Result.Merges < plan.MaxBlocks;

        public CompactResult Result { get; set; } = new();

        /// <summary>Writes a block, and remembers it until it is known what became of it.</summary>
        public BlockWrite Keep(BlockWrite write) => async (task, stop) => written = await write(task, stop);

        public void Note(CommitResult commit, Func<CompactResult, CompactResult> counted)
        {
            Result =
                !commit.IsCommitted ? Result with { Refused = Result.Refused + 1 }
                : written is null ? counted(Result)
                : counted(Result) with { Made = [.. Result.Made, written.Block] };
            written = null;
        }

        public void Note(string problem) => Result = Result with { Problems = [.. Result.Problems, problem] };
    }
}
