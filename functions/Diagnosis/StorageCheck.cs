using System.Net;
using System.Net.Sockets;
using Tributary.Functions.CommandLine;
using Tributary.HttpClients;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Stores.Local;

namespace Tributary.Functions.Diagnosis;

/// <summary>Whether the storage can be reached from here, before anybody says who they are.</summary>
/// <param name="settings">The storage.</param>
/// <param name="setting">Which setting names it.</param>
/// <param name="time">The clock.</param>
internal sealed class StorageCheck(Settings settings, string setting, TimeProvider time)
{
    /// <summary>Beyond this the service refuses signed requests.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(15);

    /// <summary>An answer's date has whole seconds.</summary>
    private static readonly TimeSpan SkewToMention = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Whether it makes sense to try anything in it.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Why not.</summary>
    public string Unreached { get; private set; } = "the storage cannot be reached";

    /// <summary>Looks.</summary>
    /// <exception cref="StoreException">The setting cannot be used.</exception>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        if (settings.ParseStorage() is LocalFolder folder)
        {
            LookAt(folder, findings);
            return;
        }
        var account = AzureAccount.FromSetting(settings.ParseStorage());
        if (account.BlobEndpoint.Host.Split('.')[0] is var blobs && account.TableEndpoint.Host.Split('.')[0] != blobs)
        {
            findings.Warn(
                $"blobs are in {account.BlobEndpoint.Host}, and tables in {account.TableEndpoint.Host}: two accounts would be two stores, mixed",
                $"Let {HostStorage.BlobVariable} and {HostStorage.TableVariable} name one account."
            );
        }
        var isBlobs = await ReachAsync(account.BlobEndpoint, "blobs", findings, stop);
        var isTables = await ReachAsync(account.TableEndpoint, "tables", findings, stop);
        IsReached = isBlobs && isTables;
    }

    private void LookAt(LocalFolder folder, FindingList findings)
    {
        var path = Path.GetFullPath(folder.Path);
        if (!Directory.Exists(path) && !File.Exists(path))
        {
            Unreached = "there is no store yet";
            if (FolderProbe.Nearest(path) is { Problem: { } reason } above)
            {
                findings.Fail(
                    $"'{path}' cannot be made: no file can be made in '{above.Folder}': {reason}",
                    $"Let the user that runs Tributary write there, or name another folder in {setting}."
                );
                return;
            }
            findings.Skip(
                $"there is no store at '{path}' yet; a server makes it when it starts, or {setting} names another folder than the server's"
            );
            return;
        }
        try
        {
            new StoreFolder(path).CheckWritable();
        }
        catch (StoreException exception)
        {
            findings.Fail("", exception);
            return;
        }
        // What begins with ~ is the store's own, which reads every name in it.
        foreach (var below in Directory.EnumerateDirectories(path).Where(one => !Path.GetFileName(one).StartsWith('~')))
        {
            if (FolderProbe.ProblemOf(below) is { } problem)
            {
                findings.Fail(
                    $"'{below}' cannot be written: {problem}",
                    $"Let the user that runs Tributary own everything in it: chown -R USER '{path}'"
                );
                return;
            }
        }
        IsReached = true;
        findings.Ok($"the folder '{path}' can be written");
    }

    private async Task<bool> ReachAsync(Uri endpoint, string what, FindingList findings, CancellationToken stop)
    {
        if (!await ResolveAsync(endpoint, findings, stop))
        {
            return false;
        }
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !endpoint.IsLoopback,
            ConnectTimeout = ConnectTimeout,
        };
        using var http = new HttpMessageInvoker(handler);
        // Nobody is asked who does not say who they are, but the answer has a date.
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint.AbsoluteUri.TrimEnd('/') + "/?comp=list");
        var before = time.GetUtcNow();
        try
        {
            using var response = await http.SendAsync(request, stop);
            findings.Ok($"{what}: {endpoint.Authority} answers");
            AddSkew(response, before, findings);
            return true;
        }
        catch (HttpRequestException exception)
        {
            findings.Fail(
                $"{what}: {ConnectionProblem.Describe(exception, endpoint, "storage account")}",
                endpoint.IsLoopback
                    ? "Start Azurite, on this port: npx azurite --skipApiVersionCheck"
                    : "Look at the network between here and there: the account's firewall, a private endpoint without its DNS zone, a proxy."
            );
            return false;
        }
    }

    private async Task<bool> ResolveAsync(Uri endpoint, FindingList findings, CancellationToken stop)
    {
        if (endpoint.HostNameType is not UriHostNameType.Dns)
        {
            return true;
        }
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(endpoint.DnsSafeHost, stop);
            return addresses.Length > 0;
        }
        catch (SocketException exception)
        {
            var isUnknown = exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData;
            findings.Fail(
                isUnknown
                    ? $"there is no host {endpoint.Host}"
                    : $"the address of {endpoint.Host} cannot be looked up: {exception.Message}",
                isUnknown
                    ? $"Check the account's name in {setting} (az storage account list --query [].name); a new account takes a "
                        + "minute to get its address, and one with a private endpoint only needs the DNS zone privatelink."
                        + string.Join('.', endpoint.Host.Split('.').Skip(1))
                    : "Check the name servers of this machine."
            );
            return false;
        }
    }

    private void AddSkew(HttpResponseMessage response, DateTimeOffset before, FindingList findings)
    {
        if (response.Headers.Date is not { } theirs)
        {
            return;
        }
        var ours = before + (time.GetUtcNow() - before) / 2;
        var skew = (ours - theirs).Duration();
        if (skew <= SkewToMention)
        {
            return;
        }
        var text =
            $"this machine's clock says {ours.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, the account's {theirs.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z";
        const string advice = "Set this machine's clock (timedatectl set-ntp true).";
        if (skew > MostSkew)
        {
            findings.Fail($"{text}: with more than 15 minutes between them every request is refused", advice);
        }
        else
        {
            findings.Warn(text, advice);
        }
    }
}
