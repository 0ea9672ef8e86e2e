using System.Buffers.Binary;
using System.Text;

namespace Tributary.Packaging;

/// <summary>What a dynamically linked ELF file asks of the machine: libraries, and versions of their symbols.</summary>
/// <param name="Libraries">The names of the libraries that the loader has to find.</param>
/// <param name="Versions">The names of symbol versions, such as <c>GLIBC_2.17</c>.</param>
/// <remarks>
/// 64 bits, little-endian, x86-64. Read by the program headers and the dynamic section, as the loader does, so that it does
/// not matter whether the file has section headers. Layout: System V ABI, and “Symbol Versioning” of the LSB core.
/// </remarks>
internal sealed record ElfImage(IReadOnlyList<string> Libraries, IReadOnlyList<string> Versions)
{
    private const int HeaderSize = 64;
    private const int ClassOffset = 4;
    private const byte Class64 = 2;
    private const byte LittleEndian = 1;
    private const int MachineOffset = 18;
    private const int MachineX64 = 62;
    private const int ProgramHeadersOffset = 32;
    private const int ProgramHeaderSize = 56;
    private const int ProgramHeaderCountOffset = 56;

    private const uint Load = 1;
    private const uint Dynamic = 2;

    private const int DynamicEntrySize = 16;
    private const long Needed = 1;
    private const long StringTable = 5;
    private const long StringTableSize = 10;
    private const long VersionNeeds = 0x6ffffffe;
    private const long VersionNeedsCount = 0x6fffffff;

    private const int NeedSize = 16;
    private const int MaxNameBytes = 4096;

    private static ReadOnlySpan<byte> Magic => "\u007fELF"u8;

    /// <summary>Whether a file begins as ELF files do.</summary>
    public static bool IsElf(ReadOnlySpan<byte> file) => file.StartsWith(Magic);

    /// <summary>Reads a file.</summary>
    /// <exception cref="PackageException">It is not for this kind of machine, or damaged.</exception>
    public static ElfImage Read(ReadOnlySpan<byte> file)
    {
        if (!IsElf(file) || file.Length < HeaderSize)
        {
            throw new PackageException("it is no ELF file");
        }
        if (
            file[ClassOffset] != Class64
            || file[ClassOffset + 1] != LittleEndian
            || BinaryPrimitives.ReadUInt16LittleEndian(file[MachineOffset..]) != MachineX64
        )
        {
            throw new PackageException("it is not for x86-64");
        }
        var segments = ReadSegments(file);
        var dynamic = segments.FirstOrDefault(segment => segment.Type == Dynamic);
        return dynamic.Type == Dynamic ? ReadDynamic(file, segments, dynamic) : new ElfImage([], []);
    }

    private static List<Segment> ReadSegments(ReadOnlySpan<byte> file)
    {
        var at = ReadOffset(file, ProgramHeadersOffset);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file[ProgramHeaderCountOffset..]);
        var segments = new List<Segment>(count);
        for (var i = 0; i < count; i++)
        {
            var header = Slice(file, at + (long)i * ProgramHeaderSize, ProgramHeaderSize);
            segments.Add(
                new Segment(
                    BinaryPrimitives.ReadUInt32LittleEndian(header),
                    ReadOffset(header, 8),
                    ReadOffset(header, 16),
                    ReadOffset(header, 32)
                )
            );
        }
        return segments;
    }

    private static ElfImage ReadDynamic(ReadOnlySpan<byte> file, List<Segment> segments, Segment dynamic)
    {
        var values = new Dictionary<long, long>();
        var needed = new List<long>();
        for (long at = 0; at + DynamicEntrySize <= dynamic.Size; at += DynamicEntrySize)
        {
            var entry = Slice(file, dynamic.Offset + at, DynamicEntrySize);
            var (tag, value) = (BinaryPrimitives.ReadInt64LittleEndian(entry), ReadOffset(entry, 8));
            if (tag == 0)
            {
                break;
            }
            if (tag == Needed)
            {
                needed.Add(value);
            }
            values[tag] = value;
        }
        if (!values.TryGetValue(StringTable, out var table) || !values.TryGetValue(StringTableSize, out var size))
        {
            throw new PackageException("its dynamic section has no names");
        }
        var names = Slice(file, ToOffset(segments, table), size);
        var libraries = new List<string>();
        foreach (var name in needed)
        {
            libraries.Add(ReadName(names, name));
        }
        var versions = values.TryGetValue(VersionNeeds, out var needs)
            ? ReadVersions(file, names, ToOffset(segments, needs), values.GetValueOrDefault(VersionNeedsCount))
            : [];
        return new ElfImage(libraries, versions);
    }

    /// <summary>Two chained lists: libraries, and for each the versions of its symbols.</summary>
    private static List<string> ReadVersions(ReadOnlySpan<byte> file, ReadOnlySpan<byte> names, long at, long count)
    {
        var versions = new List<string>();
        for (long i = 0; i < count; i++)
        {
            var need = Slice(file, at, NeedSize);
            var entries = BinaryPrimitives.ReadUInt16LittleEndian(need[2..]);
            var entryAt = at + BinaryPrimitives.ReadUInt32LittleEndian(need[8..]);
            for (var j = 0; j < entries; j++)
            {
                var entry = Slice(file, entryAt, NeedSize);
                versions.Add(ReadName(names, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..])));
                entryAt += ReadStep(entry, isLast: j == entries - 1);
            }
            at += ReadStep(need, isLast: i == count - 1);
        }
        return versions;
    }

    /// <summary>How far on the next of a list is; one that stands still would never end.</summary>
    private static uint ReadStep(ReadOnlySpan<byte> entry, bool isLast)
    {
        var step = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
        return isLast || step >= NeedSize ? step : throw new PackageException("a list of versions does not go on");
    }

    /// <summary>Where in the file an address of the loaded image comes from.</summary>
    private static long ToOffset(List<Segment> segments, long address)
    {
        foreach (var segment in segments)
        {
            if (segment.Type == Load && address >= segment.Address && address - segment.Address < segment.Size)
            {
                return segment.Offset + (address - segment.Address);
            }
        }
        throw new PackageException("its dynamic section points outside of it");
    }

    private static string ReadName(ReadOnlySpan<byte> names, long at)
    {
        if (at < 0 || at >= names.Length)
        {
            throw new PackageException("a name is outside of its table");
        }
        var rest = names[(int)at..];
        var length = rest[..Math.Min(rest.Length, MaxNameBytes)].IndexOf((byte)0);
        return length >= 0
            ? Encoding.UTF8.GetString(rest[..length])
            : throw new PackageException("a name does not end");
    }

    private static long ReadOffset(ReadOnlySpan<byte> bytes, int at)
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
        return value >= 0 ? value : throw new PackageException("an offset is out of range");
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> file, long at, long length) =>
        at >= 0 && length >= 0 && at <= file.Length - length
            ? file.Slice((int)at, (int)length)
            : throw new PackageException("it is cut off");

    /// <summary>A part of the file that is loaded or read at its start.</summary>
    private readonly record struct Segment(uint Type, long Offset, long Address, long Size);
}
