using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;
using Tributary.PromQL.Syntax;

namespace Tributary.Configuration;

/// <summary>Reads <c>tributary.exports</c>.</summary>
internal static class ExportReader
{
    private const string ListField = "exports";
    private const int MaxExports = 100;
    private const int MaxNameChars = 64;
    private const int MaxQueryChars = 8 * 1024;
    private const int MaxSelectors = 50;

    /// <summary>Runs behind a certain moment whose outputs are compared: those of more than a year, if there is one a day.</summary>
    private const int RunsLookedAt = 400;

    /// <summary>2024-01-01.</summary>
    private const long FirstLookMs = 1_704_067_200_000;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(10);

    private static readonly FieldTable Fields = FieldTable.Of(
        """
        name schedule interval query match range step format compression destination method retention wait catch_up
        """,
        HttpClientReader.Fields
    );

    /// <summary>The exports, in the order of the file.</summary>
    public static IReadOnlyList<ExportConfig> Read(Section root)
    {
        if (root.Field("tributary") is not YamlMapping mapping)
        {
            return [];
        }
        var tributary = new Section(mapping, "tributary", root.Errors);
        var all = new List<ExportConfig>();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in tributary.List(ListField))
        {
            if (tributary.Item(node, ListField, Fields) is not { } section)
            {
                continue;
            }
            if (all.Count == MaxExports)
            {
                section.Refuse(section.At, $"at most {MaxExports} exports can be configured");
                break;
            }
            if (ReadOne(section) is { } one)
            {
                if (all.Exists(other => string.Equals(other.Name, one.Name, StringComparison.OrdinalIgnoreCase)))
                {
                    section.Refuse(section.At, $"there is another export with the name {Words.Quote(one.Name)}");
                }
                WarnOfSharedOutputs(section, one, owners);
                all.Add(one);
            }
        }
        return all;
    }

    /// <summary>Warns of runs that would have the same output, of one export or of two.</summary>
    /// <param name="section">The export.</param>
    /// <param name="config">The same, read.</param>
    /// <param name="owners">The outputs of the exports so far, and whose they are.</param>
    private static void WarnOfSharedOutputs(Section section, ExportConfig config, Dictionary<string, string> owners)
    {
        if (config.Destination.Kind is ExportDestinationKind.Web)
        {
            return;
        }
        var timeMs = config.Schedule.NextAfter(FirstLookMs);
        for (var i = 0; i < RunsLookedAt && timeMs is { } runMs; i++, timeMs = config.Schedule.NextAfter(runMs))
        {
            if (owners.TryAdd(config.Destination.Of(config.Name, runMs), config.Name))
            {
                continue;
            }
            var owner = owners[config.Destination.Of(config.Name, runMs)];
            section.Warn(
                section.Field("destination")!.At,
                string.Equals(owner, config.Name, StringComparison.Ordinal)
                    ? "destination is the same for several runs, of which each overwrites the one before; with {date} and {time}, or {timestamp}, each has its own"
                    : $"destination is also that of the export {Words.Quote(owner)}, and no run overwrites the output of another export; with {{name}} each has its own"
            );
            return;
        }
    }

    private static ExportConfig? ReadOne(Section section)
    {
        var name = section.NonEmptyText("name");
        if (name is null)
        {
            RefuseMissing(section, "name is missing", "name");
        }
        else if (!IsName(name))
        {
            section.Refuse(
                section.Field("name")!.At,
                $"name: {Words.Quote(name)} is no name: 1 to {MaxNameChars} letters, digits, '.', '_' and '-', a letter or digit first, no '.' last"
            );
        }
        var format = ReadFormat(section);
        var schedule = ReadSchedule(section);
        var destination = ExportDestinationReader.Read(section, section.IsMisspelt("destination", Fields));
        var data = ReadData(section);
        var http = HttpClientReader.Read(section);
        if (destination is { Kind: not ExportDestinationKind.Web })
        {
            RefuseHttp(section);
        }
        if (name is null || schedule is null || destination is null || data is null)
        {
            return null;
        }
        return data with
        {
            Name = name,
            Schedule = schedule,
            Format = format,
            IsCompressed = ReadCompression(section, format),
            Destination = destination,
            Http = http,
            Retention = section.Duration("retention"),
            Wait = section.Has("wait") ? section.Duration("wait") ?? TimeSpan.Zero : ExportConfig.DefaultWait,
            CatchUp = section.Has("catch_up")
                ? section.Duration("catch_up") ?? TimeSpan.Zero
                : ExportConfig.DefaultCatchUp,
        };
    }

    private static ExportSchedule? ReadSchedule(Section section)
    {
        if (!section.AtMostOne("schedule", "interval"))
        {
            return null;
        }
        if (section.NonEmptyText("schedule") is { } text)
        {
            try
            {
                return new ExportSchedule(text.Trim(), CrontabSchedule.Parse(text));
            }
            catch (FormatException problem)
            {
                section.Refuse(section.Field("schedule")!.At, $"schedule {Words.Quote(text)}: {problem.Message}");
                return null;
            }
        }
        if (section.Duration("interval") is not { } interval)
        {
            if (!section.Has("interval") && !section.Has("schedule"))
            {
                RefuseMissing(
                    section,
                    "schedule is missing: six fields as Azure Functions has them, such as '0 5 0 * * *', or interval: 1h",
                    "schedule",
                    "interval"
                );
            }
            else if (section.Has("interval") && section.Text("interval") is "0" or "0s")
            {
                section.Refuse(section.Field("interval")!.At, "interval must not be 0");
            }
            return null;
        }
        if (interval < LeastInterval)
        {
            section.Refuse(section.Field("interval")!.At, $"interval is shorter than {LeastInterval.TotalSeconds}s");
        }
        return new ExportSchedule(section.Text("interval")!, interval);
    }

    private static ExportFormat ReadFormat(Section section)
    {
        switch (section.NonEmptyText("format"))
        {
            case null or "csv":
                return ExportFormat.Csv;
            case "ndjson":
                return ExportFormat.Ndjson;
            case "openmetrics":
                return ExportFormat.OpenMetrics;
            case "prometheus-blocks":
                return ExportFormat.PrometheusBlocks;
            case var other:
                section.Refuse(
                    section.Field("format")!.At,
                    $"format {Words.Quote(other)} is not known; the formats are csv, ndjson, openmetrics and prometheus-blocks"
                );
                return ExportFormat.Csv;
        }
    }

    private static bool ReadCompression(Section section, ExportFormat format)
    {
        switch (section.NonEmptyText("compression"))
        {
            case null or "none":
                return false;
            case "gzip" when format is ExportFormat.PrometheusBlocks:
                section.Refuse(
                    section.Field("compression")!.At,
                    "compression: blocks are compressed already, and others read them only as they are; write none"
                );
                return false;
            case "gzip":
                return true;
            case var other:
                section.Refuse(
                    section.Field("compression")!.At,
                    $"compression {Words.Quote(other)} is not known; write gzip or none"
                );
                return false;
        }
    }

    /// <summary>Query or selectors, with range and step; what else there is comes later.</summary>
    private static ExportConfig? ReadData(Section section)
    {
        if (!section.AtMostOne("query", "match"))
        {
            return null;
        }
        var range = section.Duration("range") ?? TimeSpan.Zero;
        var step = section.Duration("step") ?? ExportConfig.DefaultStep;
        var empty = new ExportConfig("")
        {
            Schedule = new ExportSchedule("", TimeSpan.FromDays(1)),
            Destination = new ExportDestination(ExportDestinationKind.Store, ""),
            Range = range,
            Step = step,
        };
        if (section.NonEmptyText("query") is { } query)
        {
            if (section.Has("step") && range == TimeSpan.Zero && !section.IsMisspelt("range", Fields))
            {
                section.Refuse(
                    section.Field("step")!.At,
                    "step goes with range; without one, the query has one moment"
                );
            }
            return ExportQueryReader.Read(section, query, empty, MaxQueryChars);
        }
        if (section.Field("match") is null)
        {
            RefuseMissing(
                section,
                "query is missing, or match, for raw samples: match: ['{job=\"a\"}']",
                "query",
                "match"
            );
            return null;
        }
        if (section.Has("step"))
        {
            section.Refuse(section.Field("step")!.At, "step goes with query; raw samples come as they were collected");
        }
        if (range == TimeSpan.Zero)
        {
            RefuseMissing(section, "range is missing: raw samples need one, such as range: 24h", "range");
        }
        var (texts, selectors) = ReadSelectors(section);
        return empty with { Match = texts, Selectors = selectors };
    }

    private static (List<string> Texts, List<VectorSelector> Selectors) ReadSelectors(Section section)
    {
        var texts = new List<string>();
        var selectors = new List<VectorSelector>();
        var all = section.Texts("match");
        if (all.Count is 0 or > MaxSelectors)
        {
            section.Refuse(
                section.Field("match")!.At,
                $"match needs 1 to {MaxSelectors} selectors, such as '{{job=\"a\"}}'"
            );
        }
        foreach (var (text, at) in all)
        {
            try
            {
                selectors.Add(SelectorParser.Parse(text));
                texts.Add(text);
            }
            catch (ParseException problem)
            {
                section.Refuse(at, $"match {Words.Quote(text)}: {problem.Message}");
            }
        }
        if (texts.Sum(text => text.Length) > MaxQueryChars)
        {
            section.Refuse(section.Field("match")!.At, $"match is longer than {MaxQueryChars} characters together");
        }
        return (texts, selectors);
    }

    /// <summary>Says what is missing, unless it is there under a wrong name.</summary>
    private static void RefuseMissing(Section section, string problem, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (section.IsMisspelt(field, Fields))
            {
                return;
            }
        }
        section.Refuse(section.At, problem);
    }

    private static void RefuseHttp(Section section)
    {
        foreach (
            var field in HttpClientReader.Fields.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("method")
        )
        {
            if (section.Mapping.Find(field) is { } entry)
            {
                section.Refuse(entry.KeyAt, $"{field} goes with a destination that begins with https://");
            }
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameChars
        && char.IsAsciiLetterOrDigit(name[0])
        && name[^1] != '.'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
