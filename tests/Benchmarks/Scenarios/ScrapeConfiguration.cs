using System.Globalization;
using System.Text;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>The configuration files that both servers get.</summary>
internal static class ScrapeConfiguration
{
    /// <summary>One federate job for each source.</summary>
    /// <param name="port">Where the fake sources listen.</param>
    /// <param name="sources">How many there are.</param>
    /// <param name="interval">Between scrapes.</param>
    /// <param name="drop">Drop every series after parsing.</param>
    public static string Federate(int port, int sources, TimeSpan interval, bool drop = false)
    {
        var seconds = interval.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"""
            global:
              scrape_interval: {seconds}s
              scrape_timeout: {seconds}s
            scrape_configs:

            """
        );
        for (var source = 0; source < sources; source++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $$"""
                  - job_name: source-{{source}}
                    honor_labels: true
                    honor_timestamps: true
                    metrics_path: /s/{{source}}/federate
                    params:
                      'match[]': ['{__name__=~".+"}']
                    static_configs:
                      - targets: ['127.0.0.1:{{port}}']

                """
            );
            if (drop)
            {
                text.Append("    metric_relabel_configs:\n      - action: drop\n        source_labels: [__name__]\n");
                text.Append("        regex: .+\n");
            }
        }

        return text.ToString();
    }

    /// <summary>Nothing is scraped, but the servers' own default does not come in.</summary>
    public static string Idle() => Federate(1, 1, TimeSpan.FromHours(1));

    /// <summary>The same for who is asked for the past: that depends on how late a scrape of it may end.</summary>
    public static string Source() =>
        """
            global:
              scrape_interval: 15s
              scrape_timeout: 10s
            scrape_configs: []

            """;
}
