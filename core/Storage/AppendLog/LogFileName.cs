using System.Globalization;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>The name of a log file: <c>log/{windowStartMs}/{writerId}.log</c>.</summary>
/// <param name="Window">The window that all its samples lie in.</param>
/// <param name="Writer">Made when the file was opened; never used again.</param>
public readonly record struct LogFileName(Window Window, Ulid Writer)
{
    /// <summary>What the names of all log files begin with.</summary>
    public const string Prefix = "log/";

    private const string Suffix = ".log";

    /// <summary>What the names of a window's files begin with.</summary>
    public static string PrefixOf(Window window) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{window.StartMs}/");

    /// <summary>Reads a blob's name.</summary>
    public static bool TryParse(string blob, out LogFileName name)
    {
        name = default;
        var segments = blob.Split('/');
        if (
            segments.Length != 3
            || !blob.StartsWith(Prefix, StringComparison.Ordinal)
            || !blob.EndsWith(Suffix, StringComparison.Ordinal)
            || !long.TryParse(segments[1], NumberStyles.None, CultureInfo.InvariantCulture, out var startMs)
            || startMs % Window.LengthMs != 0
            || !Ulid.TryParse(segments[2][..^Suffix.Length], out var writer)
        )
        {
            return false;
        }
        name = new LogFileName(new Window(startMs), writer);
        return true;
    }

    /// <summary>The blob's name.</summary>
    public override string ToString() => $"{PrefixOf(Window)}{Writer}{Suffix}";
}
