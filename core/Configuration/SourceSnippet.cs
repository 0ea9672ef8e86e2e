using System.Text;
using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Writes the lines that tell sources apart, with names taken from their jobs or addresses.</summary>
internal static class SourceSnippet
{
    private const int MaxShown = 5;
    private const int MaxSelectors = 20;

    private static readonly HashSet<string> Stages = new(StringComparer.OrdinalIgnoreCase)
    {
        "dev",
        "development",
        "test",
        "testing",
        "qa",
        "uat",
        "stage",
        "staging",
        "preprod",
        "prod",
        "production",
        "live",
    };

    /// <summary>Names as a sentence lists them.</summary>
    public static string List(IReadOnlyList<string> names) =>
        names.Count switch
        {
            1 => names[0],
            <= MaxShown => $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}",
            _ => $"{string.Join(", ", names.Take(MaxShown))} and {names.Count - MaxShown} more",
        };

    /// <summary>Sources with a label each, by jobs.</summary>
    public static string WithLabels(IReadOnlyList<FederatedSource> sources)
    {
        var output = new StringBuilder();
        var names = NamesOf(sources);
        var label = names.All(Stages.Contains) ? "environment" : "cluster";
        string? job = null;
        for (var i = 0; i < Math.Min(sources.Count, MaxShown); i++)
        {
            var name = sources[i].Job.Config.JobName;
            if (!string.Equals(name, job, StringComparison.Ordinal))
            {
                output.Append($"# job {Words.Quote(name)}\nstatic_configs:\n");
                job = name;
            }
            output.Append(
                $"  - targets: [{Explanations.QuoteYaml(Words.Clean(sources[i].Address))}]\n"
                    + $"    labels: {{{label}: {Explanations.QuoteYaml(Words.Clean(names[i]))}}}\n"
            );
        }
        return output.Append(sources.Count > MaxShown ? "# … and so on" : "").ToString().TrimEnd('\n');
    }

    /// <summary>One job that asks for what several ask for.</summary>
    public static string OfParts(IReadOnlyList<FederatedSource> parts)
    {
        var config = parts[0].Job.Config;
        var output = new StringBuilder("- job_name: federate\n");
        output.Append(config.HonorLabels ? "  honor_labels: true\n" : "");
        output.Append($"  metrics_path: {Words.Clean(config.MetricsPath)}\n  params:\n    'match[]':\n");
        var texts = parts.SelectMany(part => FederateAdvice.SelectorsOf(part.Job.Section)).Select(item => item.Text);
        foreach (var text in texts.Distinct(StringComparer.Ordinal).Take(MaxSelectors))
        {
            output.Append($"      - {Explanations.QuoteYaml(Words.Clean(text))}\n");
        }
        output.Append($"  static_configs:\n    - targets: [{Explanations.QuoteYaml(Words.Clean(parts[0].Address))}]");
        return output.ToString();
    }

    /// <summary>What differs in names; the names themselves where that is no name.</summary>
    internal static IReadOnlyList<string> Distinct(IReadOnlyList<string> names)
    {
        var behind = names.Select(name => name.Split(['-', '_', '.', ':', '/', ' ']).ToList()).ToList();
        while (behind.TrueForAll(one => one.Count > 1 && Same(one[^1], behind[0][^1])))
        {
            behind.ForEach(one => one.RemoveAt(one.Count - 1));
        }
        var both = behind.ConvertAll(one => one.ToList());
        while (both.TrueForAll(one => one.Count > 1 && Same(one[0], both[0][0])))
        {
            both.ForEach(one => one.RemoveAt(0));
        }
        return Usable(both) ?? Usable(behind) ?? names;
    }

    /// <summary>Parts as names; null when they do not tell apart, or some are only numbers.</summary>
    private static List<string>? Usable(List<List<string>> parts)
    {
        var names = parts.ConvertAll(one => string.Join('-', one));
        var areNames = names.TrueForAll(name => name.Any(char.IsAsciiLetter));
        return areNames && names.Distinct(StringComparer.Ordinal).Count() == names.Count ? names : null;
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.Ordinal);

    /// <summary>A name for each source: of the jobs where each has one, else of the hosts, else the address.</summary>
    private static IReadOnlyList<string> NamesOf(IReadOnlyList<FederatedSource> sources)
    {
        IReadOnlyList<string>[] candidates =
        [
            [.. sources.Select(source => source.Job.Config.JobName)],
            [.. sources.Select(source => HostOf(source.Address))],
        ];
        var names = Array.Find(candidates, list => list.Distinct(StringComparer.Ordinal).Count() == list.Count);
        return Distinct(names ?? [.. sources.Select(source => source.Address)]);
    }

    /// <summary>The host of an address; its port, too, would only be noise in a label.</summary>
    private static string HostOf(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon < 0 ? address : address[..colon];
    }
}
