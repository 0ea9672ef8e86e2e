using Tributary.Jobs;
using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Stores;
using Tributary.Tests.Unit.RemoteWrite;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// Senders that repeat what was not acknowledged, a process that is killed again and again, a store that fails: in the end
/// exactly what was sent is in the log.
/// </summary>
public sealed class ReceiveScenarioTests
{
    private const int Senders = 3;
    private const int Requests = 12;
    private const int SeriesPerRequest = 5;
    private const int MaxTries = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(LabelSet Series, long TimestampMs), double> sent = [];
    private readonly Dictionary<(LabelSet Series, long TimestampMs), double> acknowledged = [];
    private ulong names;
    private uint processes;
    private (SimulatedInstance Instance, ReceiveJob Job, RecentLog Recent) process;

    [Fact]
    public void Receive_WithFaultsAndKills_EndsWithExactlyWhatWasSent() =>
        SimulationSeeds.Run(world => new ReceiveScenarioTests().RunAsync(world), atScaleOne: 25);

    private async Task RunAsync(SimulatedWorld world)
    {
        process = Start(world.Instance);
        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAsync(world, sender)));
        while (!sending.IsCompleted)
        {
            await world.DelayAsync(TimeSpan.FromMilliseconds(world.Random.Next(60_000)));
            process = Start(world.Restart());
            Check(world);
        }
        await sending;
        await world.SettleAsync();
        Check(world);
        Assert.Equal(Senders * Requests * SeriesPerRequest, acknowledged.Count);
    }

    private (SimulatedInstance, ReceiveJob, RecentLog) Start(SimulatedInstance instance)
    {
        var series = new SeriesTable();
        var writer = new LogWriter(instance.Blobs, instance.Time, () => new Ulid(++names));
        var recent = new RecentLog(instance.Blobs, series, writer, instance.Time);
        var job = new ReceiveJob(writer, recent, series, SeriesBudget.Unlimited, ++processes, instance.Time);
        return (instance, job, recent);
    }

    private async Task SendAsync(SimulatedWorld world, int sender)
    {
        WriteMessage message = sender == 0 ? new WriteRequestV2Writer() : new WriteRequestWriter();
        for (var request = 0; request < Requests; request++)
        {
            await world.DelayAsync(TimeSpan.FromMilliseconds(world.Random.Next(30_000)));
            var samples = new List<((LabelSet, long), double)>();
            var nowMs = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
            for (var i = 0; i < SeriesPerRequest; i++)
            {
                var labels = LabelSet.Of("__name__", "m", "sender", $"{sender}", "i", $"{i}");
                // Some in the window before, so that a request has several parts.
                var at = nowMs - (i == 0 ? Window.LengthMs : 0) + i;
                var value = (((sender * 1000) + request) * 10) + i;
                message.BeginSeries(labels);
                message.Add(at, value);
                samples.Add(((labels, at), value));
                sent.Add((labels, at), value);
            }
            await DeliverAsync(world, ReceivePlace.Plain(message), sender == 0);
            samples.ForEach(sample => acknowledged.Add(sample.Item1, sample.Item2));
        }
    }

    /// <summary>Sends until it is acknowledged: an error, a death and a lost answer are alike to a sender.</summary>
    private async Task DeliverAsync(SimulatedWorld world, byte[] message, bool isV2)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var (instance, job, _) = process;
            var isStored = false;
            var ended = await instance.RunAsync(async () =>
            {
                try
                {
                    var tally = await job.ReceiveAsync(message, isV2, CancellationToken.None);
                    Assert.Equal(SeriesPerRequest, tally.Samples);
                    isStored = true;
                }
                catch (StoreException)
                {
                    // Not known to be stored: it is sent again.
                }
            });
            if (ended && isStored && world.Random.Next(10) > 0)
            {
                return;
            }
            await world.DelayAsync(Patience);
        }
        Assert.Fail($"not delivered in {MaxTries} tries");
    }

    /// <summary>What is acknowledged is in the log, and nothing is there that was not sent.</summary>
    private void Check(SimulatedWorld world)
    {
        var stored = new LogOracle(world.Storage)
            .Samples.SelectMany(series => series.Value.Select(one => ((series.Key, one.Key), one.Value)))
            .ToDictionary(one => one.Item1, one => one.Item2);
        Assert.Empty(acknowledged.Where(one => !stored.TryGetValue(one.Key, out var value) || value != one.Value));
        Assert.Empty(stored.Where(one => !sent.TryGetValue(one.Key, out var value) || value != one.Value));
    }
}
