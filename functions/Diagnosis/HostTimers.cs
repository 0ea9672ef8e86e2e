using System.Text.Json;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>What the Functions host notes of its timers in its storage account: when each ran last, and when it is due.</summary>
/// <remarks>
/// <c>azure-webjobs-hosts/timers/HOST/Host.Functions.NAME/status</c>, JSON with <c>Last</c>, <c>Next</c>, <c>LastUpdated</c>: the
/// schedule monitor of the timer extension (github.com/Azure/azure-webjobs-sdk-extensions). None is kept for schedules below a minute.
/// </remarks>
/// <param name="blobs">The host's account.</param>
internal sealed class HostTimers(IBlobStore blobs)
{
    private const string Prefix = "azure-webjobs-hosts/timers/";
    private const string FunctionMark = "Host.Functions.";
    private const string Suffix = "/status";
    private const int MaxBytes = 4096;

    /// <summary>An account may be that of other apps, too.</summary>
    private const int MaxListed = 1000;

    /// <summary>The newest note of each function that is one of ours, by name.</summary>
    /// <exception cref="StoreException">The account does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, HostTimer>> ReadAsync(CancellationToken stop)
    {
        var newest = new Dictionary<string, HostTimer>(StringComparer.OrdinalIgnoreCase);
        var listed = 0;
        await foreach (var blob in blobs.ListAsync(Prefix, stop))
        {
            if (++listed > MaxListed)
            {
                break;
            }
            if (
                FunctionOf(blob.Name) is { } function
                && await ReadAsync(blob, stop) is { } timer
                && (!newest.TryGetValue(function, out var other) || other.Updated < timer.Updated)
            )
            {
                newest[function] = timer;
            }
        }
        return newest;
    }

    private static string? FunctionOf(string name)
    {
        var at = name.LastIndexOf(FunctionMark, StringComparison.Ordinal);
        if (at < 0 || !name.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return null;
        }
        var function = name[(at + FunctionMark.Length)..^Suffix.Length];
        return TimerSchedule
            .All.FirstOrDefault(one => string.Equals(one.Function, function, StringComparison.OrdinalIgnoreCase))
            ?.Function;
    }

    /// <summary>One note; null when it is none.</summary>
    private async Task<HostTimer?> ReadAsync(BlobInfo blob, CancellationToken stop)
    {
        var bytes = new byte[MaxBytes];
        try
        {
            var read = await blobs.ReadAsync(blob.Name, 0, bytes, null, stop);
            using var document = JsonDocument.Parse(bytes.AsMemory(0, read));
            var root = document.RootElement;
            return new HostTimer(TimeOf(root, "Last"), TimeOf(root, "Next"), blob.LastModified);
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException
                || exception is StoreException { Error: StoreError.NotFound }
            )
        {
            // Another format than the one that is known, or an app that went meanwhile: nothing is known of it.
            return null;
        }
    }

    private static DateTimeOffset? TimeOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value)
        && value.TryGetDateTimeOffset(out var time)
        && time > DateTimeOffset.UnixEpoch
            ? time
            : null;
}

/// <summary>A timer of the host.</summary>
/// <param name="Last">When it ran last; null before the first time.</param>
/// <param name="Next">When it is due; null when that is not known.</param>
/// <param name="Updated">When the host wrote this.</param>
internal sealed record HostTimer(DateTimeOffset? Last, DateTimeOffset? Next, DateTimeOffset Updated);
