using System.Globalization;

namespace Tributary.Configuration;

/// <summary>Where an export goes: a path in the store, of this machine, or a URL; each with places for name and time.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Template">As it is written, without <c>file:</c>; a URL may hold secrets in its query.</param>
/// <param name="UsesPost">Whether a web server is asked by POST instead of PUT.</param>
public sealed record ExportDestination(ExportDestinationKind Kind, string Template, bool UsesPost = false)
{
    /// <summary>The names that may stand in braces.</summary>
    internal static readonly string[] Places =
    [
        "name",
        "date",
        "time",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "timestamp",
    ];

    /// <summary>The path or URL of one run.</summary>
    /// <param name="name">The export.</param>
    /// <param name="timeMs">Its scheduled time, milliseconds since the epoch.</param>
    public string Of(string name, long timeMs)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(timeMs);
        var text = Template;
        foreach (var place in Places)
        {
            text = text.Replace("{" + place + "}", Value(place, name, time), StringComparison.Ordinal);
        }
        return text;
    }

    /// <summary>What is shown of a path or URL: a URL without user, query and fragment, which may be secrets.</summary>
    public string Shown(string output) =>
        Kind is not ExportDestinationKind.Web ? output
        : Uri.TryCreate(output, UriKind.Absolute, out var url)
            ? url.GetLeftPart(UriPartial.Scheme)
                + (url.IsDefaultPort ? url.Host : url.Authority[(url.Authority.LastIndexOf('@') + 1)..])
                + url.AbsolutePath
        : "";

    private static string Value(string place, string name, DateTimeOffset time) =>
        place switch
        {
            "name" => name,
            "timestamp" => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ => time.ToString(
                place switch
                {
                    "date" => "yyyy-MM-dd",
                    "time" => time.Millisecond == 0 ? "HHmmss" : "HHmmssfff",
                    "year" => "yyyy",
                    "month" => "MM",
                    "day" => "dd",
                    "hour" => "HH",
                    "minute" => "mm",
                    _ => "ss",
                },
                CultureInfo.InvariantCulture
            ),
        };
}

/// <summary>Where exports can go.</summary>
public enum ExportDestinationKind
{
    /// <summary>A blob of the store.</summary>
    Store,

    /// <summary>A file of this machine.</summary>
    File,

    /// <summary>A web server.</summary>
    Web,
}
