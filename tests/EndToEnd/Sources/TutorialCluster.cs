using System.Globalization;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A Prometheus over one exporter, as a tutorial's cluster has it: the jobs of its targets, and a recording rule.</summary>
internal sealed class TutorialCluster : IAsyncDisposable
{
    public const string Rule = "job:requests:sum";

    private readonly FakeSource exporter;

    private TutorialCluster(FakeSource exporter, PrometheusServer prometheus)
    {
        this.exporter = exporter;
        Prometheus = prometheus;
    }

    public PrometheusServer Prometheus { get; }

    /// <summary>Starts it, and waits until every job was scraped and the rule evaluated.</summary>
    /// <param name="folder">Where configuration and data are kept.</param>
    /// <param name="number">The value of <c>requests</c>, and a part of the help text.</param>
    /// <param name="externalLabels">The external labels, as a mapping in YAML.</param>
    /// <param name="jobs">The jobs whose target is the exporter.</param>
    public static async Task<TutorialCluster> StartAsync(
        string folder,
        int number,
        string externalLabels,
        params string[] jobs
    )
    {
        var exporter = await FakeSource.StartAsync(_ =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"# HELP requests Requests that were answered.\n# TYPE requests gauge\nrequests{{path=\"/\"}} {number}\n"
            )
        );
        try
        {
            var rules = Path.Combine(folder, "rules.yml");
            await File.WriteAllTextAsync(rules, Rules, TestContext.Current.CancellationToken);
            var prometheus = await PrometheusServer.StartAsync(
                folder,
                _ => Config(exporter.Authority, rules, externalLabels, jobs)
            );
            var cluster = new TutorialCluster(exporter, prometheus);
            await Patience.UntilAsync(
                "the recording rule to see every job",
                async () => (await prometheus.LiveAsync(Rule)).Count == jobs.Length
            );
            return cluster;
        }
        catch
        {
            await exporter.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Prometheus.DisposeAsync();
        await exporter.DisposeAsync();
    }

    private static string Rules { get; } =
        $$"""
            groups:
              - name: all
                interval: 1s
                rules: [{record: "{{Rule}}", expr: sum by (job) (requests)}]
            """;

    /// <summary>The exporter's address would tell the clusters apart; those of tutorials are alike.</summary>
    private static string Config(string exporter, string rules, string externalLabels, string[] jobs) =>
        $$"""
            global:
              scrape_interval: 1s
              external_labels: {{externalLabels}}
            rule_files: ["{{rules}}"]
            scrape_configs:

            """
        + string.Concat(
            jobs.Select(job =>
                $$"""
                      - job_name: {{job}}
                        static_configs:
                          - targets: ["{{exporter}}"]
                            labels: {instance: "10.0.0.7:9100"}

                    """
            )
        );
}
