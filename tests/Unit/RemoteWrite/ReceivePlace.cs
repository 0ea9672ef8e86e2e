using Tributary.Binary;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.RemoteRead;
using Tributary.RemoteWrite;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.RemoteRead;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.RemoteWrite;

/// <summary>A store, a clock that the test moves, and processes that receive remote write into it.</summary>
internal sealed class ReceivePlace
{
    private readonly SimulatedStorage storage;
    private byte files;

    public ReceivePlace(long nowMs = 0)
    {
        Time = new ManualTime(nowMs == 0 ? LogBatches.NoonMs : nowMs);
        storage = new SimulatedStorage(Time);
        Blobs = new ScriptedBlobs(storage.ImmediateBlobs());
        (Job, Recent) = Start();
    }

    public ManualTime Time { get; }

    public ScriptedBlobs Blobs { get; }

    /// <summary>The first process.</summary>
    public ReceiveJob Job { get; }

    /// <summary>What the first process knows of the recent log.</summary>
    public RecentLog Recent { get; }

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A process over the same store.</summary>
    public (ReceiveJob Job, RecentLog Recent) Start(WriteLimits? limits = null, SeriesBudget? budget = null)
    {
        var series = new SeriesTable();
        var log = new LogWriter(Blobs, Time, NewUlid);
        var recent = new RecentLog(Blobs, series, log, Time);
        var job = new ReceiveJob(log, recent, series, budget ?? SeriesBudget.Unlimited, ++files, Time, limits);
        return (job, recent);
    }

    public static LabelSet Labels(string name, string a = "b") => LabelSet.Of("__name__", name, "a", a);

    /// <summary>A message as it is before compression.</summary>
    public static byte[] Plain(WriteMessage message)
    {
        var plain = SnappyBlock.Decode(message.Finish().Span, int.MaxValue);
        message.Clear();
        return plain;
    }

    /// <summary>A message of one sample.</summary>
    public byte[] One(string name, double value, long agoMs = 0, bool isV2 = false)
    {
        WriteMessage message = isV2 ? new WriteRequestV2Writer() : new WriteRequestWriter();
        message.BeginSeries(Labels(name));
        message.Add(NowMs - agoMs, value);
        return Plain(message);
    }

    /// <summary>Has the first process receive a message; the clock goes on until it is stored.</summary>
    public Task<WriteTally> ReceiveAsync(byte[] message, bool isV2 = false) => ReceiveAsync(Job, message, isV2);

    /// <inheritdoc cref="ReceiveAsync(byte[], bool)"/>
    public async Task<WriteTally> ReceiveAsync(ReceiveJob job, byte[] message, bool isV2 = false)
    {
        var receiving = job.ReceiveAsync(message, isV2, Token);
        await CollectPlace.UntilAsync(() =>
        {
            if (!receiving.IsCompleted)
            {
                Time.Advance(TimeSpan.FromMilliseconds(10));
            }
            return receiving.IsCompleted;
        });
        return await receiving;
    }

    /// <summary>All that a process would answer, as lines: labels, time, bits of the value.</summary>
    /// <param name="recent">What it knows of the recent log; null for one that only reads the log.</param>
    public async Task<List<string>> StoredAsync(RecentLog? recent)
    {
        using var reader = new StoreReader(
            Blobs,
            storage.ImmediateTables(),
            recent,
            new StoreReaderOptions(),
            Time,
            NewUlid
        );
        var selected = await reader.SelectChunksAsync(
            [new LabelMatcher(LabelSet.MetricNameLabel, MatchOperator.Regex, ".+")],
            new TimeRange(0, long.MaxValue / 2),
            new SelectionLimits(),
            Token
        );
        var answer = new SamplesAnswer(LabelSet.Empty);
        answer.Add(selected.Series, 0);
        return [.. ReadAnswer.Samples(answer.Finish().ToArray()).Order(StringComparer.Ordinal)];
    }

    private Ulid NewUlid() => Ulid.Create(LogBatches.NoonMs, [0, 0, 0, 0, 0, 0, 0, 0, 1, ++files]);
}
