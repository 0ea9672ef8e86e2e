using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads <c>tributary.jobs</c> and <c>tributary.backfill</c>.</summary>
internal static class SourceConfigReader
{
    private const int MostRequests = 64;

    private static readonly FieldTable JobFields = FieldTable.Of(
        "pull split replicas failover keep_replica_label calm_period max_requests"
    );

    private static readonly FieldTable BackfillFields = FieldTable.Of("max_age");

    /// <summary>The jobs, each with what is said of its sources.</summary>
    public static IReadOnlyList<ScrapeConfig> ReadInto(IReadOnlyList<ScrapeConfig> jobs, Section root)
    {
        if (
            root.Field("tributary") is not YamlMapping tributary
            || new Section(tributary, "tributary", root.Errors).Map("jobs") is not { Count: > 0 } entries
        )
        {
            return jobs;
        }
        var said = new Dictionary<string, SourceConfig>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var name = $"tributary: jobs: {Words.Clean(entry.Key)}";
            if (!jobs.Any(job => string.Equals(job.JobName, entry.Key, StringComparison.Ordinal)))
            {
                var near = Words.Nearest(entry.Key, jobs.Select(job => job.JobName));
                var advice = near is null ? "" : $"; did you mean {near}?";
                root.Refuse(entry.KeyAt, $"{name}: there is no job of this name{advice}");
            }
            else if (
                entry.Value is not YamlScalar { IsNull: true }
                && Section.Open(entry.Value, name, root.Errors) is { } section
            )
            {
                section.CheckFields(JobFields);
                said[entry.Key] = ReadJob(section);
            }
        }
        return [.. jobs.Select(job => job with { Source = said.GetValueOrDefault(job.JobName, job.Source) })];
    }

    /// <summary>The section <c>backfill</c>.</summary>
    public static BackfillConfig ReadBackfill(Section root)
    {
        if (
            root.Field("tributary") is not YamlMapping tributary
            || new Section(tributary, "tributary", root.Errors).Child("backfill", BackfillFields) is not { } section
        )
        {
            return BackfillConfig.Default;
        }
        return section.Duration("max_age") is { } age ? new BackfillConfig(age) : BackfillConfig.Default;
    }

    private static SourceConfig ReadJob(Section section)
    {
        var replicas = section.Texts("replicas");
        foreach (var (text, at) in replicas)
        {
            if (text.Length == 0)
            {
                section.Refuse(at, "replicas has an empty name of a label");
            }
        }
        return new SourceConfig
        {
            Pull = Choose(
                section,
                "pull",
                ("federate", PullMode.Federate),
                ("range", PullMode.Range),
                ("remote_read", PullMode.RemoteRead),
                ("auto", PullMode.Auto)
            ),
            Split = Choose(
                section,
                "split",
                ("auto", SplitMode.Auto),
                ("always", SplitMode.Always),
                ("never", SplitMode.Never)
            ),
            Replicas = [.. replicas.Select(label => label.Text).Distinct(StringComparer.Ordinal)],
            RecognisesReplicas = section.Field("replicas") is null or YamlScalar { IsNull: true },
            Failover = section.Flag("failover", false),
            KeepReplicaLabel = section.Flag("keep_replica_label", false),
            CalmPeriod = section.Duration("calm_period") ?? SourceConfig.Default.CalmPeriod,
            MaxRequests = ReadRequests(section),
        };
    }

    /// <summary>The value of one of a few words; the first is that of a field that is not there.</summary>
    private static T Choose<T>(Section section, string field, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (section.Text(field) is not { } text)
        {
            return choices[0].Value;
        }
        var words = new List<string>();
        foreach (var (word, value) in choices)
        {
            if (string.Equals(word, text, StringComparison.Ordinal))
            {
                return value;
            }
            words.Add(word);
        }
        section.Refuse(
            section.Field(field)!.At,
            $"{field} must be {string.Join(", ", words[..^1])} or {words[^1]}, not {Words.Quote(text)}"
        );
        return choices[0].Value;
    }

    private static int ReadRequests(Section section)
    {
        if (section.Text("max_requests") is not { } text)
        {
            return SourceConfig.DefaultMaxRequests;
        }
        if (int.TryParse(text, out var count) && count is >= 1 and <= MostRequests)
        {
            return count;
        }
        section.Refuse(
            section.Field("max_requests")!.At,
            $"max_requests must be a number from 1 to {MostRequests}, not {Words.Quote(text)}"
        );
        return SourceConfig.DefaultMaxRequests;
    }
}
