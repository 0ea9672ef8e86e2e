using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tributary.Packaging;

// tributary-packaging FOLDER ZIP: checks a published folder and packs it. infra/package calls it.
const int Failed = 1;
const int Usage = 2;
const double BytesPerMegabyte = 1_000_000;

if (args is not [var from, var zip])
{
    await Console.Error.WriteLineAsync("usage: tributary-packaging FOLDER ZIP");
    return Usage;
}
try
{
    var folder = PackageFolder.Read(from);
    var (length, sha256) = ZipPackage.Write(folder, zip);
    var unpacked = folder.Files.Sum(file => new FileInfo(Path.Combine(from, file)).Length);
    var version = FileVersionInfo.GetVersionInfo(Path.Combine(from, folder.Handler + ".dll")).ProductVersion ?? "";
    var facts = new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"version={version}\n")
        .Append(CultureInfo.InvariantCulture, $"sha256={sha256}\n")
        .Append(CultureInfo.InvariantCulture, $"bytes={length}\n")
        .Append(CultureInfo.InvariantCulture, $"unpacked_bytes={unpacked}\n")
        .Append(CultureInfo.InvariantCulture, $"files={folder.Files.Count}\n")
        .Append(CultureInfo.InvariantCulture, $"glibc={folder.Glibc}\n");
    // infra/deploy reads it: the version that has to answer afterwards.
    await File.WriteAllTextAsync(Path.ChangeExtension(zip, ".txt"), facts.ToString());
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {zip}
              Tributary {version}, {folder.Files.Count} files, {length / BytesPerMegabyte:0.0} MB ({unpacked
                / BytesPerMegabyte:0.0} MB unpacked)
              needs glibc {folder.Glibc} (at most {MachineLimits.Newest[MachineLimits.Glibc]} is allowed)
              sha256 {sha256}
            """
        )
    );
    return 0;
}
catch (Exception e) when (e is PackageException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return Failed;
}
