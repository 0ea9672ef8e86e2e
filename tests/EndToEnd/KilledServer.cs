using Tributary.Model;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

/// <summary>A server that is killed again and again, and what anybody has seen of its samples.</summary>
internal sealed class KilledServer
{
    private const int Kills = 25;
    private const int MinKills = 3;

    private readonly string executable;
    private readonly TemporaryFolder folder;
    private readonly string storage;
    private readonly NumberedSource source;
    private readonly Dictionary<(LabelSet Series, long TimestampMs), double> seen = [];
    private double acknowledged;

    private KilledServer(string executable, TemporaryFolder folder, string storage, NumberedSource source)
    {
        this.executable = executable;
        this.folder = folder;
        this.storage = storage;
        this.source = source;
    }

    public static async Task RunAsync(string executable, TemporaryFolder folder, string storage, int seed)
    {
        await using var source = await NumberedSource.StartAsync();
        folder.Write("tributary.yml", $"scrape_configs:\n{source.Jobs("100ms")}");
        var server = new KilledServer(executable, folder, storage, source);
        var random = new Random(seed);
        for (var life = 0; life < TestScale.Of(Kills, MinKills); life++)
        {
            TestContext.Current.SendDiagnosticMessage($"seed {seed}, life {life}");
            if (life % 5 == 4)
            {
                await server.DieInStartAsync(random.Next(300));
            }
            else
            {
                await server.LiveAsync(random.Next(500));
            }
            await server.CheckAsync();
        }
        Assert.NotEmpty(server.seen);
    }

    /// <summary>Collects until something new was seen, and somewhat longer.</summary>
    private async Task LiveAsync(int delayMs)
    {
        await using var server = await TributaryServer.StartAsync(executable, folder.Path, "--storage", storage);
        await Patience.UntilAsync("a new sample", () => LookAsync(server), () => server.Process.Output);
        var death = Task.Delay(delayMs, TestContext.Current.CancellationToken);
        while (!death.IsCompleted)
        {
            await LookAsync(server);
        }
        var samples = await server.MetricAsync("tributary_log_samples_total");
        await server.Process.KillAsync();
        acknowledged += samples;
    }

    private async Task DieInStartAsync(int delayMs)
    {
        string[] arguments = ["serve", "--listen", "127.0.0.1:0", "--storage", storage];
        await using var process = ChildProcess.Start(executable, arguments, folder.Path);
        await Task.Delay(delayMs, TestContext.Current.CancellationToken);
        await process.KillAsync();
    }

    /// <summary>Notes what <c>/federate</c> shows; whether any of it is new.</summary>
    private async Task<bool> LookAsync(TributaryServer server)
    {
        var isNew = false;
        foreach (var sample in await server.FederateAsync(NumberedSource.Plain, NumberedSource.Stamped))
        {
            if (seen.TryAdd((sample.Series, sample.TimestampMs), sample.Value))
            {
                isNew = true;
            }
            else
            {
                Assert.Equal(seen[(sample.Series, sample.TimestampMs)], sample.Value);
            }
        }
        return isNew;
    }

    private async Task CheckAsync()
    {
        string[] arguments = ["log", "verify", "--storage", storage];
        var (code, output, errors) = await ChildProcess.RunAsync(executable, arguments, folder.Path);
        Assert.True(code == 0, $"log verify ended with {code}:\n{output}\n{errors}");

        var log = await StoredLog.ReadAsync(storage);
        var lost = seen.Where(sample =>
            !log.Samples.TryGetValue(sample.Key, out var value) || !value.Equals(sample.Value)
        );
        Assert.Empty(lost);
        foreach (var metric in (string[])[NumberedSource.Plain, NumberedSource.Stamped])
        {
            var stored = log.Of(metric).ToList();
            Assert.DoesNotContain(stored, item => !source.Served(metric, item.Key.TimestampMs, item.Value));
            // Each number was served once: under two times it would be there twice.
            Assert.Equal(stored.Count, stored.DistinctBy(item => (item.Key.Series, item.Value)).Count());
        }
        var batches = log.Batches.Where(batch => batch.Report is not null).ToList();
        Assert.Equal(batches.Count, batches.DistinctBy(batch => (batch.Source, batch.TickMs)).Count());
        var inFiles = log.Batches.Sum(batch => batch.Scraped.Count + batch.Added.Count);
        Assert.True(inFiles >= acknowledged, $"{acknowledged} samples were acknowledged, {inFiles} are in the log");
    }
}
