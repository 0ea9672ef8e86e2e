using System.Text.RegularExpressions;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads where an export goes.</summary>
internal static partial class ExportDestinationReader
{
    private const string FileScheme = "file:";
    private const int MaxChars = 600;
    private const int MaxSegmentChars = 120;
    private const int MinContainerChars = 3;
    private const int MaxContainerChars = 63;

    /// <summary>The destination; null, and an error, when it is none.</summary>
    /// <param name="section">The export.</param>
    /// <param name="isMisspelt">Whether the field is there under a wrong name, which is an error already.</param>
    public static ExportDestination? Read(Section section, bool isMisspelt)
    {
        if (section.NonEmptyText("destination") is not { } text)
        {
            if (isMisspelt)
            {
                return null;
            }
            section.Refuse(
                section.At,
                "destination is missing: a path in the store such as 'exports/{name}/{date}/{time}.csv', 'file:/folder/{name}-{date}.csv', or 'https://…'"
            );
            return null;
        }
        var at = section.Field("destination")!.At;
        if (text.Length > MaxChars)
        {
            section.Refuse(at, $"destination is longer than {MaxChars} characters");
            return null;
        }
        foreach (Match match in InBraces().Matches(text))
        {
            if (!ExportDestination.Places.Contains(match.Groups[1].Value, StringComparer.Ordinal))
            {
                section.Refuse(
                    at,
                    $"destination: {Words.Quote(match.Value)} is not known; there are {string.Join(", ", ExportDestination.Places.Select(place => "{" + place + "}"))}"
                );
                return null;
            }
        }
        if (text.Contains("://", StringComparison.Ordinal) && !text.StartsWith(FileScheme, StringComparison.Ordinal))
        {
            return ReadUrl(section, at, text);
        }
        var isFile = text.StartsWith(FileScheme, StringComparison.Ordinal);
        if (!IsOfOneDay(text))
        {
            section.Refuse(
                at,
                "destination needs {date} or {timestamp}, and {time} when there is more than one run a day: else each run would overwrite the one before"
            );
            return null;
        }
        return isFile ? ReadFile(section, at, text[FileScheme.Length..]) : ReadPath(section, at, text);
    }

    private static ExportDestination? ReadUrl(Section section, YamlMark at, string text)
    {
        if (
            !Uri.TryCreate(text.Replace('{', 'x').Replace('}', 'x'), UriKind.Absolute, out var url)
            || url.Host.Length == 0
        )
        {
            section.Refuse(at, "destination is no whole URL, such as https://host/path");
            return null;
        }
        if (url.Scheme is not ("https" or "http"))
        {
            section.Refuse(at, "destination: of URLs only https:// and http:// are served");
            return null;
        }
        if (url.UserInfo.Length > 0)
        {
            section.Refuse(
                at,
                "destination has a user in its URL; write basic_auth instead, where the password may be in a file"
            );
            return null;
        }
        var method = section.NonEmptyText("method") ?? "PUT";
        if (method is not ("PUT" or "POST"))
        {
            section.Refuse(
                section.Field("method")!.At,
                $"method {Words.Quote(method)} is not known; write PUT or POST"
            );
        }
        return new ExportDestination(ExportDestinationKind.Web, text, UsesPost: method == "POST");
    }

    private static ExportDestination? ReadFile(Section section, YamlMark at, string text)
    {
        var path = text.StartsWith("///", StringComparison.Ordinal) ? text[2..] : text;
        if (path.Length == 0 || path.EndsWith('/'))
        {
            section.Refuse(at, "destination: a file's name is missing behind the folder");
            return null;
        }
        return new ExportDestination(ExportDestinationKind.File, section.Errors.PathOf(path));
    }

    private static ExportDestination? ReadPath(Section section, YamlMark at, string text)
    {
        var segments = text.Split('/');
        var container = segments[0];
        if (
            segments.Length < 2
            || container.Length is < MinContainerChars or > MaxContainerChars
            || !container.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        )
        {
            section.Refuse(
                at,
                "destination: a path in the store begins with the name of a container of 3 to 63 characters of a-z, 0-9 and '-', as 'exports/{name}/{date}.csv'; a folder of this machine is 'file:/folder/…'"
            );
            return null;
        }
        if (container is "blocks" or "log" or "deletes" or "store" or "leases" or "config" or "tables" or "snapshots")
        {
            section.Refuse(at, $"destination: {container} is Tributary's own; take another container, such as exports");
            return null;
        }
        foreach (var segment in segments.Skip(1))
        {
            var plain = InBraces().Replace(segment, "x");
            if (
                plain.Length is 0 or > MaxSegmentChars
                || plain.EndsWith('.')
                || !plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            )
            {
                section.Refuse(
                    at,
                    $"destination: {Words.Quote(segment)} is no part of a path in the store: letters, digits, '.', '_' and '-', no '.' last"
                );
                return null;
            }
        }
        return new ExportDestination(ExportDestinationKind.Store, text);
    }

    private static bool IsOfOneDay(string text) =>
        text.Contains("{date}", StringComparison.Ordinal)
        || text.Contains("{timestamp}", StringComparison.Ordinal)
        || (
            text.Contains("{year}", StringComparison.Ordinal)
            && text.Contains("{month}", StringComparison.Ordinal)
            && text.Contains("{day}", StringComparison.Ordinal)
        );

    [GeneratedRegex(@"\{([^{}]*)\}", RegexOptions.NonBacktracking)]
    private static partial Regex InBraces();
}
