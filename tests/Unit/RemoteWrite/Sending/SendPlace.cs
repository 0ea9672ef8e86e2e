using Tributary.Configuration;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.RemoteWrite.Sending;

/// <summary>A log in memory, writers of it, a destination, and processes that send to it.</summary>
internal sealed class SendPlace
{
    public const string Key = "k1";

    /// <summary>A time in the middle of a window, a little after simulated time begins.</summary>
    public static readonly long NoonMs =
        Window.Of(SimulatedTime.Start.ToUnixTimeMilliseconds()).EndMs + (Window.LengthMs / 2);

    private readonly SimulatedWorld world = new(seed: 1);
    private int writers;

    public TimeProvider Time => world.Time;

    public ModelReceiver Receiver { get; } = new();

    public IBlobStore Blobs => world.Storage.ImmediateBlobs();

    public ITableStore Tables => world.Storage.ImmediateTables();

    public List<string> Warnings { get; } = [];

    public RemoteWriteConfig Config { get; set; } =
        new("there", new Uri("http://there/api/v1/write"))
        {
            Key = Key,
            Metadata = new WriteMetadataConfig { IsSent = false },
        };

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Runs a test in simulated time, beginning in the middle of a window.</summary>
    public void Run(Func<Task> test) =>
        world.Run(async () =>
        {
            await DelayAsync(DateTimeOffset.FromUnixTimeMilliseconds(NoonMs) - Time.GetUtcNow());
            await test();
        });

    public Task DelayAsync(TimeSpan time) => world.DelayAsync(time);

    /// <summary>A writer; its files come before those of writers made later.</summary>
    public LogWriter NewWriter()
    {
        var (writer, file) = ((byte)++writers, 0);
        return new LogWriter(Blobs, Time, () => Ulid.Create(NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, writer, (byte)++file]));
    }

    /// <summary>A process that has sent nothing yet.</summary>
    public RemoteWriteJob NewJob(LabelSet? external = null)
    {
        var job = new RemoteWriteJob(Blobs, Tables, new SeriesTable(), _ => Receiver.Client, Time)
        {
            Warn = Warnings.Add,
        };
        job.Configure(
            new CollectorConfig
            {
                RemoteWrites = [Config],
                Global = new GlobalConfig { ExternalLabels = external ?? LabelSet.Empty },
            }
        );
        return job;
    }

    /// <summary>A process of a destination that has begun before anything is in the log.</summary>
    public async Task<RemoteWriteJob> BeginAsync(LabelSet? external = null)
    {
        var job = NewJob(external);
        await RunAsync(job);
        return job;
    }

    public static Task RunAsync(RemoteWriteJob job) => job.RunAsync(TimeSpan.FromMinutes(1), Token);

    /// <summary>A batch of a tick: as many series as wanted, each with the number of the tick as its value.</summary>
    public static Batch Tick(
        string source,
        int tick,
        int series = 3,
        Verdict verdict = Verdict.Complete,
        long lateMs = 0
    )
    {
        var tickMs = NoonMs + (tick * 15_000L);
        return LogBatches.Of(
            source,
            tickMs,
            LogBatches.Columns([
                .. Enumerable
                    .Range(0, series)
                    .Select(number =>
                        (
                            LabelSet.Of("__name__", "m", "n", $"{number}", "source", source),
                            tickMs - lateMs,
                            (double)tick
                        )
                    ),
            ]),
            LogBatches.Columns(),
            verdict
        );
    }

    /// <summary>What was taken: source, time and value.</summary>
    public IEnumerable<(string Source, long Tick, double Value)> Taken() =>
        Receiver.Taken.Select(sample =>
            (sample.Series.Get("source") ?? "", (sample.TimestampMs - NoonMs) / 15_000, sample.Value)
        );

    public async Task<DestinationCursor> CursorAsync() => await new CursorTable(Tables, Time).ReadAsync(Key, Token);

    public Task<List<PlannedLogFile>> LogAsync() => LogListing.AllAsync(Blobs, Token);
}
