using System.Globalization;
using Tributary.Functions.CommandLine;
using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary log</c>: looks at the log in the storage, also while a server writes it.</summary>
internal static class LogCommand
{
    /// <summary><c>ls</c>: a line per file.</summary>
    public static Task<int> ListAsync(Settings settings) => RunAsync(settings, verify: false);

    /// <summary><c>verify</c>: reads every byte; 1 when a file is damaged.</summary>
    public static Task<int> VerifyAsync(Settings settings) => RunAsync(settings, verify: true);

    private static Task<int> RunAsync(Settings settings, bool verify) =>
        StorageAccess.RunAsync(
            settings,
            async blobs =>
            {
                var job = new VerifyLogJob(blobs);
                var (files, bytes, samples, problems) = (0, 0L, 0L, 0);
                await foreach (var listed in job.ListAsync(CancellationToken.None))
                {
                    var file = verify ? await job.VerifyAsync(listed, CancellationToken.None) : listed;
                    await Console.Out.WriteLineAsync(verify ? VerifiedLine(file) : ListLine(file));
                    files++;
                    bytes += file.Blob.LengthBytes;
                    samples += file.Samples;
                    problems += file.Problem is null ? 0 : 1;
                }
                var total = verify
                    ? Text($"{files} files, {bytes} bytes, {samples} samples, {problems} damaged")
                    : Text($"{files} files, {bytes} bytes");
                await Console.Out.WriteLineAsync(total);
                return problems == 0 ? ExitCode.Done : ExitCode.Failed;
            }
        );

    private static string ListLine(LogFileFacts file) =>
        Text($"{file.Blob.Name}  {file.Blob.LengthBytes, 12} bytes  {file.Blob.LastModified:yyyy-MM-dd'T'HH:mm:ss'Z'}")
        + (file.Blob.IsSealed ? "  sealed" : "")
        + (file.Problem is null ? "" : $"  {file.Problem}");

    private static string VerifiedLine(LogFileFacts file) =>
        file.Problem is null
            ? Text(
                $"{file.Blob.Name}  ok  {file.Blob.LengthBytes} bytes  {file.Series} series  {file.Batches} batches  "
            ) + Text($"{file.Samples} samples")
            : $"{file.Blob.Name}  DAMAGED  {file.Problem}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
