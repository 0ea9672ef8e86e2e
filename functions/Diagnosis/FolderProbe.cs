using System.Globalization;

namespace Tributary.Functions.Diagnosis;

/// <summary>Whether files can be made in a folder; nothing stays there.</summary>
internal static class FolderProbe
{
    /// <summary>The nearest folder at or above a path that is there, and why no file can be made in it; null when one can.</summary>
    public static (string Folder, string? Problem) Nearest(string path)
    {
        var folder = Path.GetFullPath(path);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }
        return (folder, ProblemOf(folder));
    }

    /// <summary>Why no file can be made in a folder; null when one can.</summary>
    public static string? ProblemOf(string folder)
    {
        var path = Path.Join(
            folder,
            string.Create(CultureInfo.InvariantCulture, $".tributary-doctor-{Environment.ProcessId}")
        );
        try
        {
            new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            ).Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}
