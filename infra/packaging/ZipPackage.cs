using System.IO.Compression;
using System.Security.Cryptography;

namespace Tributary.Packaging;

/// <summary>Writes a folder as a zip whose bytes depend on nothing but the names and bytes of its files.</summary>
internal static class ZipPackage
{
    /// <summary>The bits that say that an entry is a file, and who may do what with it.</summary>
    private const int ExecutableFile = 0b1_000_000_111_101_101;
    private const int PlainFile = 0b1_000_000_110_100_100;
    private const int ModeShift = 16;

    /// <summary>The earliest that a zip can say.</summary>
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes it beside its name first, so that a half is never taken for a whole.</summary>
    /// <returns>The length in bytes and the SHA-256 of the zip.</returns>
    public static (long Length, string Sha256) Write(PackageFolder folder, string zip)
    {
        var partial = zip + ".partial";
        using (var stream = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite))
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var file in folder.Files)
            {
                var entry = archive.CreateEntry(file, CompressionLevel.Optimal);
                entry.LastWriteTime = Time;
                entry.ExternalAttributes = (file == folder.Handler ? ExecutableFile : PlainFile) << ModeShift;
                using var target = entry.Open();
                using var source = File.OpenRead(Path.Combine(folder.Path, file));
                source.CopyTo(target);
            }
        }
        File.Move(partial, zip, overwrite: true);
        using var written = File.OpenRead(zip);
        return (written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }
}
