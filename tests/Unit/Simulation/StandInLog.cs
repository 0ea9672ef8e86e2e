using System.Buffers.Binary;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>
/// The smallest exactly-once protocol: numbers of eight bytes, appended to one blob by several writers. It proves the
/// simulation, not the product.
/// </summary>
internal sealed class StandInLog(IBlobStore blobs, Plant plant)
{
    public const string Name = "log/numbers";

    private string name = Name;
    private long length;

    public static IEnumerable<long> Numbers(ReadOnlyMemory<byte> content) =>
        Enumerable
            .Range(0, content.Length / sizeof(long))
            .Select(i => BinaryPrimitives.ReadInt64LittleEndian(content.Span[(i * sizeof(long))..]));

    /// <summary>Creates the blob, if nobody else did.</summary>
    public async Task OpenAsync()
    {
        while (true)
        {
            if (await TryAsync(() => blobs.CreateAppendAsync(name, default)) is null or StoreError.ConditionNotMet)
            {
                return;
            }
        }
    }

    /// <summary>Returns when the number is in the log, once.</summary>
    public async Task AppendAsync(long number)
    {
        var record = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(record, number);
        while (true)
        {
            var error = await TryAsync(() => blobs.AppendAsync(name, length, record, default));
            if (error is null || (error == StoreError.Unknown && plant == Plant.BelievesUnknown))
            {
                length += record.Length;
                return;
            }
            if (error == StoreError.ConditionNotMet && plant == Plant.BelievesAnyLength)
            {
                return;
            }
            if (plant == Plant.RetryAtNewPosition)
            {
                length = await LengthAsync();
                continue;
            }
            // Our bytes can only ever be at the position that we stated. Somebody else's there: the place is lost.
            while (await ReadAsync(length) is { } found)
            {
                length += record.Length;
                if (found == number)
                {
                    return;
                }
            }
            if (error == StoreError.Unknown && plant == Plant.MovesOnWithoutSealing)
            {
                (name, length) = ($"{Name}-{number}", 0);
                await OpenAsync();
            }
        }
    }

    private static async Task<StoreError?> TryAsync(Func<Task> operation)
    {
        try
        {
            await operation();
            return null;
        }
        catch (StoreException exception) when (exception.Error != StoreError.Rejected)
        {
            return exception.Error;
        }
    }

    private async Task<long> LengthAsync()
    {
        BlobInfo? info = null;
        while (await TryAsync(async () => info = await blobs.GetInfoAsync(name, default)) is not null) { }
        return info!.LengthBytes;
    }

    private async Task<long?> ReadAsync(long position)
    {
        var buffer = new byte[sizeof(long)];
        var count = 0;
        while (
            await TryAsync(async () => count = await blobs.ReadAsync(name, position, buffer, null, default)) is not null
        ) { }
        return count == 0 ? null : BinaryPrimitives.ReadInt64LittleEndian(buffer);
    }
}
