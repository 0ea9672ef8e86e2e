using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Storage.AppendLog;

/// <summary>A log in memory: writers of it, and all that a reader finds.</summary>
internal sealed class LogPlace
{
    private readonly SimulatedStorage storage;
    private int writers;

    public LogPlace()
    {
        storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
    }

    public SkippingTime Time { get; } = new(LogBatches.NoonMs);

    public ScriptedBlobs Blobs { get; }

    /// <summary>The store without the script.</summary>
    public IBlobStore Plain => storage.ImmediateBlobs();

    public long Writes => Blobs.Operations[OperationClass.BlobWrite];

    public static IReadOnlyList<Window> Windows { get; } =
    [.. new[] { -1, 0, 1 }.Select(k => new Window(Window.Of(LogBatches.NoonMs).StartMs + (k * Window.LengthMs)))];

    /// <summary>A writer; its files come before those of writers made later, and after each other.</summary>
    public LogWriter NewWriter(int maxAppends = 40_000, long maxBytes = 64 * 1024 * 1024)
    {
        var (writer, file) = ((byte)++writers, 0);
        return new LogWriter(
            Blobs,
            Time,
            () => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, (byte)++file])
        )
        {
            Limits = new LogLimits { FileAppends = maxAppends, FileBytes = maxBytes },
        };
    }

    /// <summary>The parts that count, with their samples, in the order of files.</summary>
    public async Task<List<(LogPart Part, List<(string Series, long TimestampMs, ulong Bits)> Samples)>> ReadAsync()
    {
        var follower = new LogFollower(Plain, new SeriesTable());
        var found = await follower.ReadOnAsync(Windows, _ => false, CancellationToken.None);
        Assert.Empty(follower.Problems);
        var ledger = new BatchLedger();
        foreach (var part in found.SelectMany(file => file.Parts))
        {
            ledger.Offer(part);
        }
        return
        [
            .. found
                .SelectMany(file =>
                    file.Parts.Select(part =>
                        (
                            part,
                            part.Columns.SelectMany(column => LogBatches.Samples(file.File.TryDecode(column)!).ToList())
                                .ToList()
                        )
                    )
                )
                .Where(part => ledger.Counts(part.part)),
        ];
    }

    public async Task<List<BlobInfo>> FilesAsync()
    {
        var files = new List<BlobInfo>();
        await foreach (var info in Plain.ListAsync(LogFileName.Prefix, CancellationToken.None))
        {
            files.Add(info);
        }
        return files;
    }
}
