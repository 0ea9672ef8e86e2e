using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>What a blob's sidecar says: the truth about the blob; its bytes are only bytes.</summary>
internal sealed record Sidecar
{
    /// <summary>"TRBM".</summary>
    public const uint Magic = 0x5452424d;

    /// <summary>Bytes of the record in the file's <see cref="MirroredHeader"/>.</summary>
    public const int SizeBytes = 72;

    private const byte FormatVersion = 1;

    /// <summary>What kind of blob, and whether it lives.</summary>
    public required SidecarFlags Flags { get; init; }

    /// <summary>A random number for each creation and whole write: no ETag ever comes again.</summary>
    public required ulong Generation { get; init; }

    /// <summary>Counts the changes within a generation.</summary>
    public uint Changes { get; init; }

    /// <summary>How many bytes of the data file belong to the blob.</summary>
    public long LengthBytes { get; init; }

    /// <summary>The last change, by the store's clock, in ticks of UTC.</summary>
    public required long ModifiedTicks { get; init; }

    /// <summary>The lease that was taken last, or empty after its release.</summary>
    public Guid Lease { get; init; }

    /// <summary>When it ends, in ticks of UTC.</summary>
    public long LeaseEndTicks { get; init; }

    /// <summary>How long a renewal lasts, in ticks.</summary>
    public long LeaseTicks { get; init; }

    public bool IsAppend => Flags.HasFlag(SidecarFlags.Append);

    public bool IsSealed => Flags.HasFlag(SidecarFlags.Sealed);

    public bool IsDeleted => Flags.HasFlag(SidecarFlags.Deleted);

    public string ETag => $"{Generation:x16}-{Changes:x}";

    public static ulong NewGeneration() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public BlobInfo ToInfo(string name) =>
        new(name, LengthBytes, ETag, new DateTimeOffset(ModifiedTicks, TimeSpan.Zero), IsSealed);

    public bool IsLeased(DateTimeOffset now) => Lease != Guid.Empty && now.UtcTicks < LeaseEndTicks;

    public byte[] Encode()
    {
        var writer = new ByteWriter(SizeBytes);
        writer.WriteByte(FormatVersion);
        writer.WriteByte((byte)Flags);
        writer.WriteBytes([0, 0]);
        writer.WriteUInt32(Changes);
        writer.WriteUInt64(Generation);
        writer.WriteUInt64((ulong)LengthBytes);
        writer.WriteUInt64((ulong)ModifiedTicks);
        writer.WriteBytes(Lease.ToByteArray(bigEndian: true));
        writer.WriteUInt64((ulong)LeaseEndTicks);
        writer.WriteUInt64((ulong)LeaseTicks);
        writer.WriteUInt64(0);
        return writer.WrittenSpan.ToArray();
    }

    public static Sidecar Decode(ReadOnlySpan<byte> bytes, StoreFolder folder, string path)
    {
        var reader = new ByteReader(bytes, folder.Relative(path));
        var version = reader.ReadByte();
        if (version != FormatVersion)
        {
            throw folder.Corrupt(path, 0, $"sidecar version {version}; this program knows {FormatVersion}");
        }
        var flags = (SidecarFlags)reader.ReadByte();
        reader.ReadBytes(2);
        return new Sidecar
        {
            Flags = flags,
            Changes = reader.ReadUInt32(),
            Generation = reader.ReadUInt64(),
            LengthBytes = (long)reader.ReadUInt64(),
            ModifiedTicks = (long)reader.ReadUInt64(),
            Lease = new Guid(reader.ReadBytes(16), bigEndian: true),
            LeaseEndTicks = (long)reader.ReadUInt64(),
            LeaseTicks = (long)reader.ReadUInt64(),
        };
    }
}

/// <summary>The bits of a sidecar's second byte.</summary>
[Flags]
internal enum SidecarFlags : byte
{
    /// <summary>A whole blob.</summary>
    None = 0,

    /// <summary>An append blob.</summary>
    Append = 1,

    /// <summary>No more appends.</summary>
    Sealed = 2,

    /// <summary>The blob is gone; its files are about to be removed.</summary>
    Deleted = 4,
}

/// <summary>An open sidecar file.</summary>
internal sealed class SidecarFile : IDisposable
{
    /// <summary>ENOTDIR: a blob lies where the name has a folder.</summary>
    private const int NotADirectory = 20;

    private readonly StoreFolder folder;
    private readonly string path;
    private readonly SafeFileHandle file;
    private MirroredHeader.Record header;

    private SidecarFile(StoreFolder folder, string path, SafeFileHandle file)
    {
        this.folder = folder;
        this.path = path;
        this.file = file;
        Content = Read();
    }

    /// <summary>What the sidecar says.</summary>
    public Sidecar Content { get; private set; }

    /// <summary>Opens and reads a sidecar; null when there is none.</summary>
    public static SidecarFile? Open(StoreFolder folder, string path, FileAccess access)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (IsMissing(exception, path))
        {
            // A root that is a file has no blobs either, but that is not an answer.
            return File.Exists(folder.Root) ? throw new IOException("The path is a file.", exception) : null;
        }
        try
        {
            return new SidecarFile(folder, path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a new sidecar beside its place.</summary>
    public static bool Prepare(string path, Sidecar content)
    {
        var prepared = Prepared(path, content);
        using var file = File.OpenHandle(prepared, FileMode.CreateNew, FileAccess.Write);
        try
        {
            RandomAccess.Write(file, MirroredHeader.NewFile(Sidecar.Magic, content.Encode()), 0);
            RandomAccess.FlushToDisk(file);
            return true;
        }
        catch
        {
            // On a full disk each try would leave one more.
            File.Delete(prepared);
            throw;
        }
    }

    /// <summary>Makes a prepared sidecar appear, whole: the commit of a creation.</summary>
    public static void Publish(string path, Sidecar content) =>
        File.Move(Prepared(path, content), path, overwrite: true);

    private static string Prepared(string path, Sidecar content) => $"{path}~{content.Generation:x16}.new";

    /// <summary>Reads again.</summary>
    public Sidecar Read()
    {
        header = MirroredHeader.Read(file, Sidecar.Magic, Sidecar.SizeBytes, folder, path);
        Content = Sidecar.Decode(header.Payload, folder, path);
        return Content;
    }

    /// <summary>Commits another content, under the lock.</summary>
    public void Write(Sidecar content)
    {
        MirroredHeader.Write(file, Sidecar.Magic, header, content.Encode(), folder, path);
        Content = content;
    }

    public void Dispose() => file.Dispose();

    /// <summary>No such file or folder; or a folder of that name, which the runtime calls an access that is denied.</summary>
    private static bool IsMissing(Exception exception, string path) =>
        exception is FileNotFoundException or DirectoryNotFoundException
        || (exception is UnauthorizedAccessException && Directory.Exists(path))
        || (exception is IOException && exception.HResult == NotADirectory);
}
