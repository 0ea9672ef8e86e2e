using System.Text.RegularExpressions;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration;

/// <summary>Mistakes that nearly everybody makes once: each is found at its place, and explained.</summary>
public sealed partial class AdviceTests
{
    private const string Good = """
        scrape_configs:
        - job_name: a
          honor_labels: true
          metrics_path: /federate
          params: {'match[]': ['{job="node"}']}
          static_configs: [{targets: ['a:9090'], labels: {cluster: a}}]
        """;

    public static TheoryData<string, string, string> Jobs { get; } =
        new()
        {
            { "metrics_path: /federate", "metrics_path: /federation", "5:17 federation-path" },
            { "metrics_path: /federate", "metrics_path: /prom/Federate/", "5:17 federation-path" },
            { "  metrics_path: /federate\n", "", "5:12 federation-path" },
            { "metrics_path: /federate", "metrics_path: /feed", "" },
            { "'match[]'", "'match'", "6:12 no-match" },
            { "params: {'match[]': ['{job=\"node\"}']}", "params: {}", "5:17 no-match" },
            { "  honor_labels: true\n", "", "3:3 honor-labels" },
            { "honor_labels: true", "honor_labels: false", "" },
            { "{job=\"node\"}", "{job=node}", "6:24 invalid-match" },
            { "{job=\"node\"}", "{job=~\".+\"}", "6:24 whole-server" },
            { "{job=\"node\"}", "{__name__=~\"[a-z].*\"}", "6:24 whole-server" },
            { "{job=\"node\"}", "{__name__!=\"\", instance=~\".*\"}", "6:24 whole-server" },
            { "{job=\"node\"}", "{}", "6:24 whole-server" },
            { "{job=\"node\"}", "{__name__=~\"node_.*|job:.*\"}", "" },
            { "'{job=\"node\"}'", "'{job=\"node\"}', 'up{job=\"node\"}'", "6:40 contained-selectors" },
            { "'{job=\"node\"}'", "'up', 'up'", "6:30 contained-selectors" },
            { "'{job=\"node\"}'", "'{job=\"node\"}', '{job=~\"node|kubelet\"}'", "6:24 contained-selectors" },
            { "'{job=\"node\"}'", "'{job=\"node\"}', '{job=\"kubelet\"}'", "" },
            { "  honor_labels", "  bearer_token_file: t\n  honor_labels", "4:3 bearer-token" },
            { "  honor_labels", "  bearer_token: t\n  honor_labels", "4:3 bearer-token, 4:17 plaintext-secrets" },
            { "  honor_labels", "  basic_auth: {username: u, password: p}\n  honor_labels", "4:39 plaintext-secrets" },
            { "  honor_labels", "  basic_auth: {username: u, password: '${env:HOME}'}\n  honor_labels", "" },
            { "  honor_labels", "  basic_auth: {username: u, password_file: p}\n  honor_labels", "" },
            { "['a:9090']", "['a:9090', 'b:9090']", "7:41 colliding-sources" },
            {
                "scrape_configs",
                "tributary: {web: {bearer_tokens: [plain, '${env:HOME}']}}\nscrape_configs",
                "1:35 plaintext-secrets"
            },
        };

    public static TheoryData<string, string> Sources { get; } =
        new()
        {
            // Several jobs, which only their names tell apart.
            { Job("a", "a:1", "up") + Job("b", "b:1", "up"), "2:13 job-name" },
            { Job("a", "a:1", "up") + Job("b", "b:1", "up", labels: "{cluster: b}"), "" },
            { Job("a", "a:1", "{job=\"x\"}") + Job("b", "b:1", "{job=\"y\"}"), "" },
            { Job("a", "a:1", "{job=\"x\"}") + Job("b", "b:1", "{__name__=~\"job:.*\"}"), "2:13 job-name" },
            { Job("a", "a:1", "up", labels: "{job: a}") + Job("b", "b:1", "up", labels: "{job: b}"), "2:13 job-name" },
            {
                Job("a", "a:1", "up")
                    + Job("b", "b:1", "up", more: "relabel_configs: [{target_label: x, replacement: y}]"),
                ""
            },
            {
                Job("a", "a:1", "up")
                    + Job("b", "b:1", "up", more: "metric_relabel_configs: [{target_label: x, replacement: y}]"),
                ""
            },
            // Several targets of one job.
            { Job("a", "p-0:1, p-1:1", "up"), "6:38 colliding-sources" },
            { Job("a", "p-0:1, p-1:1", "up") + "tributary: {jobs: {a: {failover: true}}}\n", "" },
            { Job("a", "p-0:1, p-1:1", "up") + "tributary: {jobs: {a: {replicas: [replica]}}}\n", "" },
            { Job("a", "p-0:1, p-0:1", "up"), "" },
            // One source, several jobs.
            { Job("a", "a:1", "up") + Job("b", "a:1", "up"), "7:13 same-source-twice" },
            { Job("a", "a:1", "{job=\"x\"}") + Job("b", "a:1", "up{job=\"x\"}"), "7:13 same-source-twice" },
            { Job("a", "a:1", "{job=\"x\"}") + Job("b", "a:1", "{job=\"y\"}"), "7:13 split-by-hand" },
            { Job("a", "a:1", "{job=\"x\"}") + Job("b", "a:1", "{job=\"y\"}", more: "scrape_interval: 5m"), "" },
        };

    public static TheoryData<string, string> Errors { get; } =
        new()
        {
            { "global:\n\tscrape_interval: 1m\n", "2:1 tabs" },
            { "global: {}\nglobal: {}\n", "2:1 doubled-keys" },
            { "scrape_configs:\n- job_name: a\n  scrape_interval: 1m\n  scrape_interval: 2m\n", "4:3 doubled-keys" },
            { "global: {scrape_interval: 5s, scrape_timeout: 10s}\n", "1:47 timeout" },
            { "scrape_configs: [{job_name: a, scrape_timeout: 2m}]\n", "1:48 timeout" },
        };

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Read_OneMistakeInAJob_IsExplainedAtItsPlace(string right, string wrong, string expected)
    {
        var text = "# One job that is right but for one thing.\n" + Good;
        Assert.Contains(right, text, StringComparison.Ordinal);
        // Places count without what the case puts in front.
        var shown = wrong.StartsWith("tributary", StringComparison.Ordinal) ? Good : text;
        Assert.Equal(expected, Found(ConfigReader.Read(Replace(shown, right, wrong), "f").Warnings));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Read_SourcesThatAreNotApart_AreExplained(string jobs, string expected) =>
        Assert.Equal(expected, Found(ConfigReader.Read("scrape_configs:\n" + jobs, "f").Warnings));

    [Theory]
    [MemberData(nameof(Errors))]
    public void Read_Error_IsExplained(string text, string expected)
    {
        var error = Assert.Throws<ConfigException>(() => ConfigReader.Read(text, "f"));
        Assert.Equal(expected, Found(error.Errors));
    }

    [Fact]
    public void Read_ErrorsAndWarnings_HasBoth()
    {
        var text = Good.Replace("/federate", "/federation", StringComparison.Ordinal) + "\nglobal: {bad: 1}\n";
        var error = Assert.Throws<ConfigException>(() => ConfigReader.Read(text, "f"));
        Assert.Single(error.Errors);
        Assert.Equal("4:17 federation-path", Found(error.Warnings));
    }

    [Fact]
    public void Read_JobsInSeveralFiles_AreComparedToo()
    {
        var files = new ConfigFiles(_ => null, pattern => [pattern], _ => "scrape_configs:\n" + Job("b", "a:1", "up"));
        var text = "scrape_config_files: [b.yml]\nscrape_configs:\n" + Job("a", "a:1", "up");
        var warning = Assert.Single(ConfigReader.Read(text, "a.yml", files).Warnings);
        Assert.Equal("b.yml:2:13: jobs \"a\" (a.yml:3) and \"b\" collect the same series of a:1", warning.ToString());
    }

    [Fact]
    public void Read_ManySources_TakesNoTime()
    {
        var targets = string.Join(", ", Enumerable.Range(0, 5000).Select(number => $"h{number}:1"));
        var found = ConfigReader.Read("scrape_configs:\n" + Job("a", targets, "up"), "f").Warnings;
        Assert.Equal("colliding-sources", Assert.Single(found).Explanation!.Id);
    }

    [Fact]
    public void Read_ManyJobsWithManySelectors_ComparesOnlySoMany()
    {
        var selectors = string.Join("','", Enumerable.Range(0, 60).Select(number => $"{{job=~\"a.*{number}\"}}"));
        var jobs = Enumerable.Range(0, 6).Select(number => Job($"j{number}", $"h{number}:1", selectors));
        var found = ConfigReader.Read("scrape_configs:\n" + string.Concat(jobs), "f").Warnings;
        Assert.Contains(found, warning => warning.Explanation!.Id == "job-name");
    }

    [Fact]
    public void Warning_OfASecret_DoesNotShowIt()
    {
        var config = ConfigReader.Read(Good + "\n  bearer_token: hunter2hunter2\n", "f");
        Assert.NotEmpty(config.Warnings);
        Assert.All(
            config.Warnings,
            warning => Assert.DoesNotContain("hunter2", $"{warning}{warning.Explanation}", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("federate-dev federate-staging federate-prod", "dev staging prod")]
    [InlineData("dev.example.com prod.example.com", "dev prod")]
    [InlineData("prometheus-0.example prometheus-1.example", "prometheus-0 prometheus-1")]
    [InlineData("10.0.0.1 10.0.0.2", "10.0.0.1 10.0.0.2")]
    [InlineData("prom-a prom-a-b", "a a-b")]
    [InlineData("a b", "a b")]
    public void Distinct_Names_LosesWhatTheyHaveInCommon(string names, string expected) =>
        Assert.Equal(expected.Split(' '), SourceSnippet.Distinct(names.Split(' ')));

    [Fact]
    public void EveryExplanation_HasItsPlaceInTheDocumentation()
    {
        var texts = File.ReadAllText(Path.Combine(Repository.Root, "core/Configuration/Advice/Explanations.cs"));
        var ids = Id().Matches(texts).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var headings = File.ReadLines(Path.Combine(Repository.Root, "docs/mistakes.md"))
            .Where(line => line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => Anchor(line[3..]))
            .ToHashSet(StringComparer.Ordinal);
        Assert.True(ids.Count > 10);
        Assert.Equal(ids.Order(StringComparer.Ordinal), headings.Order(StringComparer.Ordinal));
    }

    private static string Job(string name, string targets, string selector, string labels = "{}", string more = "") =>
        $$"""
            - job_name: {{name}}
              honor_labels: true
              metrics_path: /federate
              params: {'match[]': ['{{selector}}']}
              static_configs: [{targets: [{{targets}}], labels: {{labels}}}]

            """.Replace(
            "  metrics_path",
            more.Length == 0 ? "  metrics_path" : $"  {more}\n  metrics_path",
            StringComparison.Ordinal
        );

    private static string Replace(string text, string right, string wrong)
    {
        var at = text.IndexOf(right, StringComparison.Ordinal);
        return text[..at] + wrong + text[(at + right.Length)..];
    }

    private static string Found(IReadOnlyList<ConfigError> findings) =>
        string.Join(
            ", ",
            findings.Select(finding => $"{finding.Line}:{finding.Column} {finding.Explanation?.Id ?? finding.Message}")
        );

    /// <summary>A heading as a link spells it.</summary>
    private static string Anchor(string heading) =>
        string.Concat(
            heading
                .ToLowerInvariant()
                .Select(c =>
                    c == ' ' ? "-"
                    : char.IsLetterOrDigit(c) || c is '-' or '_' ? $"{c}"
                    : ""
                )
        );

    [GeneratedRegex("\"([a-z]+(-[a-z]+)*)\"(,|;)\n", RegexOptions.NonBacktracking)]
    private static partial Regex Id();
}
