using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What was asked and acknowledged, in the order in which it happened; judges what readers are answered.</summary>
internal sealed class BlockHistory(SimulatedWorld world)
{
    private const long Never = long.MaxValue;
    private readonly List<Appended> samples = [];
    private readonly List<Deleted> deletes = [];
    private readonly Dictionary<LogFileName, DateTimeOffset> consumed = [];
    private readonly Dictionary<Ulid, DateTimeOffset> deletedBlocks = [];
    private long moment;

    /// <summary>What the processes write and read.</summary>
    public BlockFormats.Maker Formats { get; init; } =
        (process, blobs, tables) => new StandInFormats(process, blobs, tables);

    /// <summary>Samples older than this may be gone.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(30);

    /// <summary>When a log file was first said to be consumed.</summary>
    public DateTimeOffset ConsumedSince(LogFileName file) => consumed[file];

    /// <summary>When a block was first said to be deleted.</summary>
    public DateTimeOffset DeletedSince(Ulid block) => deletedBlocks[block];

    /// <summary>Whether a block was ever said to be deleted.</summary>
    public bool IsDeleted(Ulid block) => deletedBlocks.ContainsKey(block);

    /// <summary>Notes a block that a commit is about to delete.</summary>
    public void Delete(Ulid block) => deletedBlocks.TryAdd(block, world.Time.GetUtcNow());

    /// <summary>Notes log files that a commit is about to consume.</summary>
    public void Consume(WindowRow row)
    {
        foreach (var file in row.Files)
        {
            consumed.TryAdd(file.Name, world.Time.GetUtcNow());
        }
    }

    public IEnumerable<StandInSample> Samples => samples.Select(one => one.Sample);

    /// <summary>The next moment.</summary>
    public long Next() => ++moment;

    /// <summary>A new sample that a writer is about to append.</summary>
    public Appended Append(long timestampMs)
    {
        var series = StandInSample.SeriesOf(samples.Count);
        while (samples.Exists(one => one.Sample.TimestampMs == timestampMs && one.Sample.Series == series))
        {
            timestampMs++;
        }
        var added = new Appended(new StandInSample(samples.Count, timestampMs), Next());
        samples.Add(added);
        return added;
    }

    /// <summary>A delete that is about to begin.</summary>
    public Deleted Delete(TimeRange range, string series)
    {
        var added = new Deleted(range, series, Next());
        deletes.Add(added);
        return added;
    }

    /// <summary>Fails when an answer misses a sample, shows a deleted one, or one that nobody wrote.</summary>
    /// <param name="who">The reader, for the message.</param>
    /// <param name="range">What was read.</param>
    /// <param name="began">The moment at which the reader began.</param>
    /// <param name="answer">What it got.</param>
    public void Judge(string who, TimeRange range, long began, IReadOnlySet<StandInSample> answer)
    {
        var oldestMs = (world.Time.GetUtcNow() - Retention).ToUnixTimeMilliseconds();
        foreach (var one in samples.Where(one => range.Contains(one.Sample.TimestampMs)))
        {
            var isThere = answer.Contains(one.Sample);
            var mayBeGone =
                Window.Of(one.Sample.TimestampMs).EndMs <= oldestMs
                || deletes.Exists(delete => delete.Selects(one.Sample) && one.Began < delete.Acknowledged);
            if (!isThere && one.Acknowledged <= began && !mayBeGone)
            {
                throw new InvalidDataException($"lost: {who} misses sample {one.Sample}");
            }
            if (
                isThere
                && deletes.Exists(delete =>
                    delete.Selects(one.Sample) && one.Acknowledged < delete.Began && delete.Acknowledged <= began
                )
            )
            {
                throw new InvalidDataException($"undeleted: {who} shows sample {one.Sample}");
            }
        }
        if (answer.Except(Samples).Any())
        {
            throw new InvalidDataException($"invented: {who} shows samples that nobody wrote");
        }
    }

    /// <summary>Fails when a block that counts is not whole, or two tell of different states.</summary>
    public void JudgeStore()
    {
        var manifest = Manifest();
        foreach (var row in manifest.Blocks.Values.Where(row => row.IsKept))
        {
            foreach (var (path, size) in row.Block.Files)
            {
                var name = BlockDescription.PrefixOf(row.Block.Ulid) + path;
                if (world.Storage.Blobs.GetInfo(name)?.LengthBytes != size)
                {
                    throw new InvalidDataException($"broken: {row.State} block without {name}");
                }
            }
        }
        foreach (var row in manifest.Live)
        {
            if (row.Block.Parents.Any(parent => manifest.Blocks.TryGetValue(parent, out var old) && old.IsKept))
            {
                throw new InvalidDataException($"doubled: {row.Block.Ulid} counts beside one that it replaced");
            }
        }
        if (manifest.Problems.Count > 0)
        {
            throw new InvalidDataException($"corrupt: {manifest.Problems.First().Value}");
        }
    }

    /// <summary>The manifest as it is at this moment.</summary>
    public ManifestSnapshot Manifest()
    {
        var tables = world.Storage.Tables;
        var pointer = tables.Get(ManifestKeys.Table, ManifestKeys.PointerPartition, ManifestKeys.PointerRow);
        var partition = pointer is null ? ManifestKeys.FirstPartition : (string)pointer.Properties["partition"];
        return new ManifestSnapshot(
            partition,
            tables.Query(ManifestKeys.Table, partition, null, null, null, int.MaxValue)
        );
    }

    /// <summary>A sample, from the moment at which its writer began to that at which it was acknowledged.</summary>
    internal sealed record Appended(StandInSample Sample, long Began)
    {
        public long Acknowledged { get; set; } = Never;
    }

    /// <summary>A delete, likewise.</summary>
    internal sealed record Deleted(TimeRange Range, string Series, long Began)
    {
        public long Acknowledged { get; set; } = Never;

        public bool Selects(StandInSample sample) => sample.Series == Series && Range.Contains(sample.TimestampMs);
    }
}
