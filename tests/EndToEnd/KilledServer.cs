using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

/// <summary>A server that is killed again and again, and what anybody has seen of its samples.</summary>
internal sealed class KilledServer
{
    private const int Kills = 25;
    private const int MinKills = 3;

    private readonly Installation installation;
    private readonly string config;
    private readonly NumberedSource source;
    private readonly Dictionary<(LabelSet Series, long TimestampMs), double> seen = [];
    private double acknowledged;

    private KilledServer(Installation installation, NumberedSource source)
    {
        this.installation = installation;
        this.source = source;
        config = installation.Folder.Write("tributary.yml", $"scrape_configs:\n{source.Jobs("100ms")}");
    }

    public static async Task RunAsync(Installation installation, int seed)
    {
        await using var source = await NumberedSource.StartAsync();
        var server = new KilledServer(installation, source);
        var random = new Random(seed);
        for (var life = 0; life < TestScale.Of(Kills, MinKills); life++)
        {
            TestContext.Current.SendDiagnosticMessage($"seed {seed}, life {life}");
            if (life % 5 == 4)
            {
                await installation.DieInStartAsync(server.config, TimeSpan.FromMilliseconds(random.Next(300)));
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
        await using var server = await installation.StartOnAsync(config);
        await Patience.UntilAsync("a new sample", () => LookAsync(server), () => server.Log);
        var death = Task.Delay(delayMs, TestContext.Current.CancellationToken);
        while (!death.IsCompleted)
        {
            await LookAsync(server);
        }
        var samples = await server.MetricAsync("tributary_log_samples_total");
        await server.KillAsync();
        acknowledged += samples;
    }

    /// <summary>Notes what <c>/federate</c> shows; whether any of it is new.</summary>
    private async Task<bool> LookAsync(TributaryInstance server)
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
        await installation.VerifyLogAsync();
        var log = await installation.ReadLogAsync();
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
