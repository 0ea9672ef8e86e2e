using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Model;
using Tributary.Relabeling;

namespace Tributary.Discovery;

/// <summary>Makes a target of the labels that a discovery found, as Prometheus 3 does.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config</remarks>
internal static class TargetResolver
{
    private const string AddressLabel = "__address__";
    private const string PathLabel = "__metrics_path__";
    private const string UnixSocketLabel = "__unix_socket__";
    private const string JobLabel = "job";
    private const string InstanceLabel = "instance";
    private const string FederatePath = "/federate";
    private const string ConvertLabel = "__convert_classic_histograms_to_nhcb__";
    private const string ClassicLabel = "__always_scrape_classic_histograms__";
    private const string NativeLabel = "__scrape_native_histograms__";

    /// <summary>Labels that say how native histograms are scraped, and what errors call them.</summary>
    private static readonly (string Label, string Name)[] Switches =
    [
        (ConvertLabel, "convert_classic_histograms_to_nhcb"),
        (ClassicLabel, "always_scrape_classic_histograms"),
        (NativeLabel, "scrape_native_histograms"),
    ];

    /// <summary>Resolves one target.</summary>
    /// <param name="job">Its job.</param>
    /// <param name="own">The target's own labels, its address among them.</param>
    /// <param name="shared">The labels of its group.</param>
    public static Resolution Resolve(ScrapeConfig job, LabelSet own, LabelSet shared)
    {
        var discovered = Discovered(job, own, shared);
        if (Relabeler.Apply(job.RelabelConfigs, discovered) is not { } labels)
        {
            return new Resolution(discovered, null, null);
        }
        var timeProblem = TimeProblem(labels, out var times);
        if ((AddressProblem(labels) ?? timeProblem ?? SwitchProblem(labels)) is { } reason)
        {
            return new Resolution(discovered, null, reason);
        }
        var target = Create(job, discovered, labels, times);
        return new Resolution(discovered, target, target is null ? "address, path and parameters make no URL" : null);
    }

    /// <summary>The target's labels first, then the group's, then what the job says where no label does.</summary>
    private static LabelSet Discovered(ScrapeConfig job, LabelSet own, LabelSet shared)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in own.Labels)
        {
            labels.Add(label.Name, label.Value);
        }
        foreach (var label in shared.Labels)
        {
            labels.TryAdd(label.Name, label.Value);
        }
        labels.TryAdd(JobLabel, job.JobName);
        labels.TryAdd(ScrapeTimes.IntervalLabel, DurationText.Format(job.ScrapeInterval));
        labels.TryAdd(ScrapeTimes.TimeoutLabel, DurationText.Format(job.ScrapeTimeout));
        labels.TryAdd(PathLabel, job.MetricsPath);
        labels.TryAdd(ScrapeTimes.SchemeLabel, job.Scheme);
        labels.TryAdd(ConvertLabel, TextOf(job.NativeHistograms.ConvertsClassic));
        labels.TryAdd(ClassicLabel, TextOf(job.NativeHistograms.AlwaysScrapesClassic));
        labels.TryAdd(NativeLabel, TextOf(job.NativeHistograms.IsScraped));
        foreach (var (name, values) in job.Params)
        {
            if (values.Count > 0)
            {
                labels.TryAdd(TargetUrl.ParameterPrefix + name, values[0]);
            }
        }
        return LabelSet.Of(labels.Select(label => new Label(label.Key, label.Value)));
    }

    private static Target? Create(
        ScrapeConfig job,
        LabelSet discovered,
        LabelSet labels,
        (TimeSpan Interval, TimeSpan Timeout) times
    )
    {
        var address = labels.Get(AddressLabel)!;
        var scheme = labels.Get(ScrapeTimes.SchemeLabel) ?? "";
        var isHttp = ScrapeTimes.IsHttp(scheme);
        var parameters = TargetUrl.Parameters(job.Params, labels);
        if (TargetUrl.Of(isHttp ? scheme : "http", address, labels.Get(PathLabel) ?? "", parameters) is not { } url)
        {
            return null;
        }
        var kept = Public(labels, address);
        return new Target
        {
            Source = SourceKey.Of(job.JobName, kept, url),
            Config = job,
            Url = url,
            Labels = kept,
            DiscoveredLabels = discovered,
            Interval = times.Interval,
            Timeout = times.Timeout,
            IntervalText = labels.Get(ScrapeTimes.IntervalLabel)!,
            TimeoutText = labels.Get(ScrapeTimes.TimeoutLabel)!,
            UnixSocket = labels.Get(UnixSocketLabel),
            NativeHistograms = job.NativeHistograms with
            {
                ConvertsClassic = IsSet(labels, ConvertLabel, job.NativeHistograms.ConvertsClassic),
                AlwaysScrapesClassic = IsSet(labels, ClassicLabel, job.NativeHistograms.AlwaysScrapesClassic),
                IsScraped = IsSet(labels, NativeLabel, job.NativeHistograms.IsScraped),
            },
            IsFederate = url.AbsolutePath.EndsWith(FederatePath, StringComparison.Ordinal),
            Problem = isHttp
                ? null
                : $"the scheme {Words.Quote(scheme)} is not supported: set __scheme__ to http or https",
        };
    }

    /// <summary>The labels of the target's series: those without <c>__</c> in front, and <c>instance</c>.</summary>
    private static LabelSet Public(LabelSet labels, string address)
    {
        var kept = new List<Label>();
        foreach (var label in labels.Labels)
        {
            if (!label.Name.StartsWith("__", StringComparison.Ordinal))
            {
                kept.Add(label);
            }
        }
        if (labels.Get(InstanceLabel) is null)
        {
            kept.Add(new Label(InstanceLabel, address));
        }
        return LabelSet.Of(kept);
    }

    private static string? AddressProblem(LabelSet labels) =>
        labels.Get(AddressLabel) is { } address
            ? TargetAddress.ProblemOf(address)
            : $"it has no address: the label {AddressLabel} is empty";

    private static string? TimeProblem(LabelSet labels, out (TimeSpan Interval, TimeSpan Timeout) times)
    {
        times = default;
        var problem =
            TimeProblem(labels, ScrapeTimes.IntervalLabel, out times.Interval)
            ?? TimeProblem(labels, ScrapeTimes.TimeoutLabel, out times.Timeout);
        if (problem is not null)
        {
            return problem;
        }
        return times.Timeout > times.Interval ? ScrapeTimes.TooLong(times.Timeout, times.Interval) : null;
    }

    private static string? TimeProblem(LabelSet labels, string label, out TimeSpan time)
    {
        var text = labels.Get(label) ?? "";
        if (!DurationText.TryParse(text, out time, out var problem))
        {
            return $"{label} {Words.Quote(text)}: {problem}";
        }
        return time == TimeSpan.Zero ? $"{label} must not be 0" : null;
    }

    private static string? SwitchProblem(LabelSet labels)
    {
        foreach (var (label, name) in Switches)
        {
            if (labels.Get(label) is { } text && !IsBool(text))
            {
                return $"{name}: {label} {Words.Quote(text)} must be true or false";
            }
        }
        return null;
    }

    private static string TextOf(bool value) => value ? "true" : "false";

    private static bool IsSet(LabelSet labels, string label, bool otherwise) =>
        labels.Get(label) is { } text ? text is "1" || text[0] is 't' or 'T' : otherwise;

    /// <summary>What Go's <c>strconv.ParseBool</c> takes.</summary>
    private static bool IsBool(string text) =>
        text is "1" or "t" or "T" or "true" or "TRUE" or "True" or "0" or "f" or "F" or "false" or "FALSE" or "False";
}
