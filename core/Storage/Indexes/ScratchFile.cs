namespace Tributary.Storage.Indexes;

/// <summary>
/// Records that are written once and read front to back several times: in memory up to a bound, then in a temporary file.
/// </summary>
/// <param name="folder">Where the temporary file goes.</param>
/// <param name="memoryBytes">How much stays in memory.</param>
internal sealed class ScratchFile(string folder, long memoryBytes) : IDisposable
{
    private const int PartBytes = 1024 * 1024;
    private const int FirstPartBytes = 16 * 1024;

    private readonly List<(byte[]? Bytes, long Offset, int Length)> parts = [];
    private byte[] current = [];
    private byte[] reading = [];
    private int length;
    private long inMemory;
    private FileStream? file;

    /// <summary>Room for a record, which never spans two parts; <see cref="Advance"/> says how much was used.</summary>
    public Span<byte> Reserve(int count)
    {
        if (current.Length - length < count)
        {
            Finish(Math.Max(current.Length == 0 ? FirstPartBytes : PartBytes, count));
        }
        return current.AsSpan(length);
    }

    /// <summary>Takes reserved bytes as written.</summary>
    public void Advance(int count) => length += count;

    /// <summary>Parts that are whole.</summary>
    public int Parts => parts.Count;

    /// <summary>Bytes in the temporary file.</summary>
    public long FileBytes => file?.Length ?? 0;

    /// <summary>Ends writing.</summary>
    public int Complete()
    {
        Finish(0);
        current = [];
        return parts.Count;
    }

    /// <summary>The records of one part, valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(int part) => Read(part, ref reading).Span;

    /// <summary>The records of one part, perhaps in a buffer of the caller's.</summary>
    public ReadOnlyMemory<byte> Read(int part, ref byte[] buffer)
    {
        var (bytes, offset, count) = parts[part];
        if (bytes is not null)
        {
            return bytes.AsMemory(0, count);
        }
        if (buffer.Length < count)
        {
            buffer = new byte[count];
        }
        file!.Position = offset;
        file.ReadExactly(buffer, 0, count);
        return buffer.AsMemory(0, count);
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private void Finish(int nextBytes)
    {
        if (length > 0 && inMemory + length <= memoryBytes)
        {
            parts.Add((current, 0, length));
            inMemory += current.Length;
            current = new byte[nextBytes];
        }
        else if (length > 0)
        {
            file ??= Open();
            parts.Add((null, file.Length, length));
            file.Position = file.Length;
            file.Write(current, 0, length);
            file.Flush();
        }
        length = 0;
        if (current.Length < nextBytes)
        {
            current = new byte[nextBytes];
        }
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(folder);
        return new FileStream(
            Path.Join(folder, $"tributary-scratch-{Guid.NewGuid():N}"),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.Delete,
            bufferSize: 0,
            FileOptions.DeleteOnClose
        );
    }
}
