using System.Globalization;

namespace Tributary.Configuration.Advice;

/// <summary>The texts about mistakes that nearly everybody makes once, all in one place.</summary>
internal static class Explanations
{
    private const string JobNameId = "job-name";
    private const string CollisionId = "colliding-sources";
    private const string WholeServerId = "whole-server";

    /// <summary>Selectors that are worth the traffic between clusters.</summary>
    private const string GoodSelectors = """
        params:
          'match[]':
            - '{__name__=~"job:.*"}'      # recording rules
            - 'up{job="node"}'            # single metrics
        """;

    /// <summary>A line is indented with a tab.</summary>
    public static Explanation Tab { get; } =
        new(
            "tabs",
            "A tab has no fixed width, so YAML does not take it for indentation. Prometheus refuses such a file, too.",
            "Replace the tab with as many spaces as the neighbouring lines have."
        );

    /// <summary>A key stands twice in one mapping.</summary>
    public static Explanation Twice { get; } =
        new(
            "doubled-keys",
            "Only one of the two values can count, and programs that read YAML differ in which. Prometheus refuses such "
                + "a file, too.",
            "Remove one of the two lines."
        );

    /// <summary>A federate job without a selector.</summary>
    public static Explanation NoSelector { get; } =
        new(
            "no-match",
            "/federate answers with what match[] selects. Without it the answer is empty, and still a success: the target "
                + "looks well, and nothing is collected.",
            "Say which series you want; several selectors are a union:",
            GoodSelectors
        );

    /// <summary>A path that looks like the one of federation and is not.</summary>
    /// <param name="path">The right one.</param>
    public static Explanation Path(string path) =>
        new(
            "federation-path",
            "Prometheus answers 404 under any other path, so every scrape of the job fails and nothing is collected.",
            "Write:",
            $"metrics_path: {path}"
        );

    /// <summary>Selectors in a job that does not ask for them.</summary>
    public static Explanation NoPath { get; } =
        new(
            "federation-path",
            "Without metrics_path the job asks for /metrics: what the server says about itself. match[] means nothing "
                + "there, so none of the series that it selects is collected.",
            "Write beside params:",
            "metrics_path: /federate"
        );

    /// <summary>A selector that does not parse.</summary>
    public static Explanation InvalidSelector { get; } =
        new(
            "invalid-match",
            "Prometheus answers 400 to the whole request, whatever the other selectors are, so nothing is collected.",
            "A selector is a metric name, labels in braces, or both; values stand in double quotes:",
            "params:\n  'match[]':\n    - '{job=\"node\", __name__=~\"node_cpu_.*\"}'"
        );

    /// <summary>A federate job that renames the labels of what it collects.</summary>
    /// <param name="job">Its name, as a text in quotes.</param>
    public static Explanation HonorLabels(string job) =>
        new(
            "honor-labels",
            "A federated series comes with the job and the instance that its own Prometheus gave it. Without honor_labels "
                + "these are renamed exported_job and exported_instance; job becomes "
                + $"{job} and instance the address of the Prometheus. Queries and dashboards that ask for job=\"node\" "
                + "find nothing.",
            "Write in the job:",
            "honor_labels: true"
        );

    /// <summary>Several jobs, of which only their names differ, so that their author takes these for labels.</summary>
    /// <param name="snippet">The sources with a label each.</param>
    public static Explanation JobName(string snippet) =>
        new(
            JobNameId,
            "With honor_labels a federated series keeps the job of its own server (node, kubelet, …), so job_name labels "
                + "only the series about the scrape, such as up. A series that several of these servers have becomes one "
                + "series here, in which their samples alternate: graphs jump, and rate() sees resets that never were. "
                + "(Without honor_labels, job would be job_name, but the servers' own job would be lost to exported_job.)",
            "Give each source a label of its own, which all its series then get:",
            snippet
        )
        {
            Note = LiveHint,
        };

    /// <summary>Several sources whose series nothing tells apart.</summary>
    /// <param name="snippet">The sources with a label each.</param>
    /// <param name="job">The job if all of them are in one, and may be replicas.</param>
    public static Explanation Collision(string snippet, string? job) =>
        new(
            CollisionId,
            "With honor_labels a federated series keeps the labels that its own server gave it. A series that several of "
                + "these servers have becomes one series here, in which their samples alternate: graphs jump, and rate() "
                + "sees resets that never were.",
            job is null
                ? "Give each source a label of its own, which all its series then get:"
                : "If they are replicas of one Prometheus, which collect the same, say so; one of them is then asked, and "
                    + "the other when it fails:\n\n"
                    + $"    tributary:\n      jobs:\n        {job}:\n          failover: true\n\n"
                    + "Else give each source a label of its own, which all its series then get:",
            snippet
        )
        {
            Note = LiveHint,
        };

    /// <summary>A selector all of whose series another one of the job selects.</summary>
    /// <param name="outer">The wide one.</param>
    /// <param name="inner">The one within.</param>
    public static Explanation Contained(string outer, string inner) =>
        new(
            "contained-selectors",
            "The selectors of a job are a union in which each series is once, so the narrow one adds nothing: what is "
                + $"collected is {outer}. The source looks for both at every scrape.",
            "Keep the one that you mean. If it is the narrow one:",
            $"'match[]':\n  - {QuoteYaml(inner)}"
        );

    /// <summary>A selector of all series.</summary>
    /// <param name="interval">How often it is asked.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public static Explanation WholeServer(string interval, string timeout) =>
        new(
            WholeServerId,
            "Every scrape copies the whole server: about 200 bytes a series, so 100 MB for 500,000 series, every "
                + $"{interval}, to be written, sent and read within {timeout}. That slows the source down and ends in "
                + "time-outs, and most of what is stored is never looked at.",
            "Collect what you want to see of all clusters together: recording rules, single jobs, single metrics. "
                + "tributary check config --live counts what a selector selects.",
            GoodSelectors
        );

    /// <summary>Two jobs that collect the same.</summary>
    /// <param name="isOneSeries">Whether the copies end in one series.</param>
    public static Explanation SameTwice(bool isOneSeries) =>
        new(
            "same-source-twice",
            isOneSeries
                ? "The source answers twice, and the second copy of each sample is thrown away here: twice the work for the "
                    + "same data."
                : "Every series is stored twice with different labels, so sum() and count() over them count everything "
                    + "double.",
            "Remove one of the jobs."
        );

    /// <summary>Several jobs that ask one source, each for a part.</summary>
    /// <param name="snippet">The one job that asks for all.</param>
    public static Explanation SplitByHand(string snippet) =>
        new(
            "split-by-hand",
            "The source is asked several times, at different moments. A histogram or summary of which two jobs select "
                + "parts is torn: its buckets and its count are not of the same moment. A scrape that is slow is split by "
                + "Tributary itself, whole metric families at a time, and put together again as one.",
            "Write one job with all the selectors:",
            snippet
        );

    /// <summary>A timeout above its interval.</summary>
    /// <param name="interval">The interval in effect, as a duration.</param>
    public static Explanation Timeout(string interval) =>
        new(
            "timeout",
            "A scrape that lasts longer than the interval would run into the next one. Prometheus refuses such a file, "
                + "too. What a job does not say itself it has from the section global, whose defaults are 1m and 10s.",
            "Lower scrape_timeout, or raise scrape_interval of the same job:",
            $"scrape_interval: {interval}\nscrape_timeout: {interval}"
        );

    /// <summary>A secret that is written out.</summary>
    /// <param name="field">Its field.</param>
    public static Explanation PlainSecret(string field) =>
        PlainSecretAs($"{field}: ${{env:PROMETHEUS_SECRET}}\n# or\n{field}_file: secrets/prometheus");

    /// <summary>A bearer token that is written out under its old name.</summary>
    public static Explanation PlainBearerToken { get; } =
        PlainSecretAs("authorization:\n  credentials: ${env:PROMETHEUS_SECRET}");

    /// <summary>A token of our own endpoints that is written out.</summary>
    public static Explanation PlainWebToken { get; } =
        PlainSecretAs("bearer_tokens:\n  - ${env:TRIBUTARY_TOKEN}\n  # or\n  - file: secrets/token");

    /// <summary>The old spelling of a bearer token.</summary>
    /// <param name="isFile">Whether it is in a file.</param>
    public static Explanation BearerToken(bool isFile) =>
        new(
            "bearer-token",
            "It still works, here as in Prometheus, but it is deprecated: Prometheus' documentation does not have it any "
                + "more, and other tools that read the file may not know it.",
            "Write:",
            "authorization:\n  "
                + (
                    isFile
                        ? "credentials_file: secrets/prometheus"
                        : "credentials: ${env:PROMETHEUS_SECRET}    # or credentials_file: secrets/prometheus"
                )
        );

    /// <summary>Whether an explanation is about series of several sources that nothing tells apart.</summary>
    public static bool IsOfCollision(Explanation explanation) => explanation.Id is JobNameId or CollisionId;

    /// <summary>Whether an explanation is about a selector of all series.</summary>
    public static bool IsOfWholeServer(Explanation explanation) => explanation.Id is WholeServerId;

    private const string LiveHint =
        "If the servers have external_labels that differ, their series differ already; tributary check config --live asks "
        + "them. The labels here then change nothing.";

    private static Explanation PlainSecretAs(string snippet) =>
        new(
            "plaintext-secrets",
            "Everybody who may read this file, its backups, or its history in version control has the secret.",
            "Take it from an environment variable (in Azure an app setting, which may refer to a key vault), or from a "
                + "file. Where others have seen the file, change the secret, too:",
            snippet
        );

    /// <summary>A text as a YAML list has it between single quotes.</summary>
    public static string QuoteYaml(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");
}
