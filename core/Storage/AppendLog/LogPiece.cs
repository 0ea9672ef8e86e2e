using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>Bytes of a log file, and what ended them before their time.</summary>
/// <param name="Length">How many there are.</param>
/// <param name="Damage">What the store finds wrong behind them; null when nothing is.</param>
internal readonly record struct LogPiece(int Length, CorruptDataException? Damage)
{
    /// <summary>Reads on in a file. What a store has of it before damage that it knows of, such as a cut file, is read.</summary>
    /// <exception cref="StoreException">The store cannot be used, or the file is gone.</exception>
    public static async Task<LogPiece> ReadAsync(
        IBlobStore blobs,
        string name,
        long from,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return new LogPiece(await blobs.ReadAsync(name, from, destination, null, cancellationToken), null);
        }
        catch (CorruptDataException damage)
        {
            var whole = (int)Math.Clamp(damage.OffsetBytes - from, 0, destination.Length);
            if (whole == 0 || whole == destination.Length)
            {
                return new LogPiece(0, damage);
            }
            var rest = await ReadAsync(blobs, name, from, destination[..whole], cancellationToken);
            return rest with { Damage = damage };
        }
    }
}
