using System.Text;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>Puts the URL of a target together; every part comes unescaped.</summary>
internal static class TargetUrl
{
    /// <summary>Labels with this prefix set a parameter's first value.</summary>
    public const string ParameterPrefix = "__param_";

    /// <summary>The parameters of the job, with those that labels set.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters(
        IReadOnlyDictionary<string, IReadOnlyList<string>> job,
        LabelSet labels
    )
    {
        var all = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, values) in job)
        {
            all[name] = values;
        }
        foreach (var label in labels.Labels)
        {
            if (label.Name.StartsWith(ParameterPrefix, StringComparison.Ordinal))
            {
                var name = label.Name[ParameterPrefix.Length..];
                all[name] = [label.Value, .. all.TryGetValue(name, out var values) ? values.Skip(1) : []];
            }
        }
        return all;
    }

    /// <summary>The URL, or null when it is none; parameters are sorted by name, as Prometheus sends them.</summary>
    public static Uri? Of(
        string scheme,
        string address,
        string path,
        IReadOnlyDictionary<string, IReadOnlyList<string>> parameters
    )
    {
        var text = new StringBuilder(scheme).Append("://").Append(address);
        if (!path.StartsWith('/'))
        {
            text.Append('/');
        }
        AppendPath(text, path);
        var separator = '?';
        foreach (var (name, values) in parameters)
        {
            foreach (var value in values)
            {
                text.Append(separator).Append(Escape(name)).Append('=').Append(Escape(value));
                separator = '&';
            }
        }
        return Uri.TryCreate(text.ToString(), UriKind.Absolute, out var url) ? url : null;
    }

    /// <summary>What stands for itself in a path: servers may take <c>;</c> or <c>:</c> for something else when it is escaped.</summary>
    private static void AppendPath(StringBuilder text, string path)
    {
        var rest = path.AsSpan();
        while (rest.IndexOfAny("$&+,/:;=@") is >= 0 and var at)
        {
            text.Append(Uri.EscapeDataString(rest[..at])).Append(rest[at]);
            rest = rest[(at + 1)..];
        }
        text.Append(Uri.EscapeDataString(rest));
    }

    /// <summary>In a query a blank is a plus, as forms have it.</summary>
    private static string Escape(string text) =>
        Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
