using System.Buffers.Binary;
using System.Text;

namespace Tributary.Tests.Unit.Packaging;

/// <summary>The smallest ELF file that asks for libraries and versions of their symbols.</summary>
internal static class ElfBytes
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int Base = 0x400000;
    private const int DynamicEntries = 8;
    private const int EntrySize = 16;

    /// <summary>Makes one; every version is asked of the first library.</summary>
    public static byte[] Make(string[] libraries, string[] versions, int machine = 62)
    {
        var names = new List<byte> { 0 };
        var libraryNames = libraries.Select(name => Add(names, name)).ToArray();
        var versionNames = versions.Select(name => Add(names, name)).ToArray();
        var dynamicAt = HeaderSize + 2 * ProgramHeaderSize;
        var needsAt = dynamicAt + (libraries.Length + DynamicEntries) * EntrySize;
        var namesAt = needsAt + EntrySize + versions.Length * EntrySize;
        var file = new byte[namesAt + names.Count];
        names.CopyTo(file, namesAt);

        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5]) = (2, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), (ushort)machine);
        Write(file, 32, HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 2);
        WriteSegment(file, HeaderSize, 1, 0, file.Length);
        var entries = new List<(long Tag, long Value)>();
        entries.AddRange(libraryNames.Select(name => (1L, (long)name)));
        entries.Add((5, Base + namesAt));
        entries.Add((10, names.Count));
        if (versions.Length > 0)
        {
            entries.Add((0x6ffffffe, Base + needsAt));
            entries.Add((0x6fffffff, 1));
        }
        WriteSegment(file, HeaderSize + ProgramHeaderSize, 2, dynamicAt, (entries.Count + 1) * EntrySize);
        for (var i = 0; i < entries.Count; i++)
        {
            Write(file, dynamicAt + i * EntrySize, entries[i].Tag);
            Write(file, dynamicAt + i * EntrySize + 8, entries[i].Value);
        }
        WriteNeeds(file, needsAt, versionNames);
        return file;
    }

    private static void WriteNeeds(byte[] file, int at, int[] names)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), (ushort)names.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 8), EntrySize);
        for (var i = 0; i < names.Length; i++)
        {
            var entry = at + EntrySize * (i + 1);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + 8), (uint)names[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(entry + 12), EntrySize);
        }
    }

    private static void WriteSegment(byte[] file, int at, uint type, long offset, long size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), type);
        Write(file, at + 8, offset);
        Write(file, at + 16, Base + offset);
        Write(file, at + 32, size);
    }

    private static void Write(byte[] file, int at, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at), value);

    private static int Add(List<byte> names, string name)
    {
        var at = names.Count;
        names.AddRange(Encoding.UTF8.GetBytes(name));
        names.Add(0);
        return at;
    }
}
