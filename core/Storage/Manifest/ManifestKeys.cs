using System.Globalization;
using Tributary.Model;

namespace Tributary.Storage.Manifest;

/// <summary>The names of the manifest's table, partitions and rows.</summary>
/// <remarks>
/// <c>state</c> comes last in a partition: a reader that knew its ETag before a query, and finds the same one at the end,
/// knows that no commit came between the pages.
/// </remarks>
internal static class ManifestKeys
{
    public const string Table = "manifest";

    /// <summary>The partition while there is no pointer row.</summary>
    public const string FirstPartition = "main";

    public const string PointerPartition = "pointer";
    public const string PointerRow = "current";

    /// <summary>Where the store is asked for its time.</summary>
    public const string ClockPartition = "clock";
    public const string ClockRow = "now";

    /// <summary>Says how old the partition is.</summary>
    public const string Born = "born";

    public const string State = "state";
    public const string BlockPrefix = "block-";
    public const string DeletePrefix = "delete-";
    public const string WindowPrefix = "log-";

    public static string Block(Ulid ulid) => $"{BlockPrefix}{ulid}";

    public static string Delete(Ulid ulid) => $"{DeletePrefix}{ulid}";

    public static string OfWindow(Window window) =>
        string.Create(CultureInfo.InvariantCulture, $"{WindowPrefix}{window.StartMs:D16}");

    public static bool TryParseUlid(string row, string prefix, out Ulid ulid)
    {
        ulid = default;
        return row.StartsWith(prefix, StringComparison.Ordinal) && Ulid.TryParse(row[prefix.Length..], out ulid);
    }

    public static bool TryParseWindow(string row, out Window window)
    {
        window = default;
        if (
            !row.StartsWith(WindowPrefix, StringComparison.Ordinal)
            || !long.TryParse(
                row.AsSpan(WindowPrefix.Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var startMs
            )
            || startMs % Window.LengthMs != 0
        )
        {
            return false;
        }
        window = new Window(startMs);
        return true;
    }
}
