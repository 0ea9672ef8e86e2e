using System.Text.Json;
using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Attached;

/// <summary>Thanos' <c>deletion-mark.json</c>: the block is going to be deleted.</summary>
internal static class DeletionMark
{
    /// <summary>The file beside <c>meta.json</c>.</summary>
    public const string FileName = "deletion-mark.json";

    private const int MaxBytes = 64 * 1024;

    /// <summary>When the block was marked.</summary>
    /// <exception cref="CorruptDataException">It is no such file.</exception>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static async Task<DateTimeOffset> ReadAsync(
        IBlobStore blobs,
        string name,
        CancellationToken cancellationToken
    )
    {
        var bytes = new byte[MaxBytes];
        var length = await blobs.ReadAsync(name, 0, bytes, ifMatch: null, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length));
            return
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("deletion_time"u8, out var time)
                && time.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : throw new CorruptDataException(name, 0, "it has no deletion_time in seconds");
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new CorruptDataException(name, 0, $"it is no deletion mark: {exception.Message}");
        }
    }
}
