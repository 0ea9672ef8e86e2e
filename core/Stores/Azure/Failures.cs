using System.Globalization;
using System.Net.Sockets;
using Azure;
using Tributary.Identities;

namespace Tributary.Stores.Azure;

/// <summary>Makes the errors of one service of an account: which account, which operation, what happened, what to do.</summary>
internal sealed class Failures(AzureAccount account, Uri endpoint, string service, TimeProvider time)
{
    /// <summary>Beyond this difference of clocks the service refuses signed requests.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(15);

    private volatile bool answered;

    private string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"{endpoint.Host}:{endpoint.Port}");

    /// <summary>The service was reached at least once: from now on a lost connection is a passing trouble.</summary>
    public void Answered() => answered = true;

    public StoreException Refused(string operation, ServiceError error, Response response)
    {
        var advice = error.Meaning switch
        {
            StoreError.Denied => Skew(response)
                ?? DenialAdvice.Of(error.Code, account, Who(), Role())
                ?? DeniedAdvice(),
            StoreError.Throttled => "The account is over its limits or busy; try again later.",
            StoreError.Unknown => "Whether it happened is not known.",
            StoreError.Rejected => "The request itself was refused; this is a bug of ours.",
            _ => "",
        };
        return Refused(operation, error, advice);
    }

    public StoreException Refused(string operation, ServiceError error, string advice)
    {
        // What the service says of a denied request can quote the signature.
        var text = error.Meaning == StoreError.Denied || error.Text.Length == 0 ? "" : $": {error.Text.TrimEnd('.')}";
        var code = error.Code.Length == 0 ? "" : " " + error.Code;
        var status = error.Status.ToString(CultureInfo.InvariantCulture);
        return Failed(error.Meaning, operation, $"{status}{code}{text}", advice, code: error.Code);
    }

    /// <summary>No answer, or a broken one.</summary>
    public StoreException Broken(string operation, bool isWrite, Exception cause)
    {
        var root = cause is AggregateException { InnerExceptions: [.., var last] } ? last : cause;
        if (root is IdentityException identity)
        {
            // Nothing was sent.
            var error = identity.IsPassing ? StoreError.Throttled : StoreError.Denied;
            var how = identity.IsPassing ? "" : $"It also needs {Role()} on the account.";
            return Failed(error, operation, $"no token for this account could be had: {identity.Message}", how, cause);
        }
        var http = root as HttpRequestException ?? root.InnerException as HttpRequestException;
        switch (http?.HttpRequestError)
        {
            case HttpRequestError.NameResolutionError:
                return NoSuchHost(operation, http, cause);
            case HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError:
                return NoConnection(operation, "cannot connect to", cause);
            case HttpRequestError.SecureConnectionError:
                return NoConnection(operation, "no secure connection with", cause);
        }
        var what = root is OperationCanceledException or TimeoutException
            ? $"no answer in time from {Address}"
            : $"the connection to {Address} broke";
        var advice = isWrite ? "Whether it happened is not known." : "Repeating it did not help; check the network.";
        return Failed(StoreError.Unknown, operation, what, advice, cause);
    }

    public StoreException Failed(
        StoreError error,
        string operation,
        string what,
        string advice,
        Exception? cause = null,
        string code = ""
    ) =>
        new(
            error,
            $"Azure {service} storage, account '{account.Name}': {operation} failed: {what}. {advice}".TrimEnd(),
            cause
        )
        {
            Code = code,
            Advice = advice,
        };

    private StoreException NoSuchHost(string operation, HttpRequestException http, Exception cause)
    {
        // Only a definite "no such name" says that the account is wrong; a resolver that does not answer says nothing.
        var isDefinite =
            http.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData };
        return !isDefinite
            ? NoConnection(operation, "cannot look up the address of", cause)
            : Failed(
                answered ? StoreError.Unknown : StoreError.Denied,
                operation,
                $"there is no host {endpoint.Host}",
                "Check the account's name, and that the account exists (a new one takes a minute to get its address).",
                cause
            );
    }

    private StoreException NoConnection(string operation, string what, Exception cause)
    {
        var advice = endpoint.IsLoopback
            ? "Is Azurite running, and on this port?"
            : "Check the network, the account's firewall and its private endpoints.";
        return Failed(
            answered ? StoreError.Unknown : StoreError.Unusable,
            operation,
            $"{what} {Address}",
            advice,
            cause
        );
    }

    private string DeniedAdvice() =>
        account switch
        {
            { Key: not null } => $"Check that AccountKey is a current key of '{account.Name}', that the account allows "
                + "key access, and its firewall.",
            { SharedAccessSignature: not null } =>
                "Check that the shared access signature has not expired and allows reading, writing, listing and deleting.",
            _ => $"Give {Who()} {Role()} on the account (a new assignment takes some minutes), and check its firewall.",
        };

    private string Who() =>
        account is { Identity: { } identity, Credential: null }
            ? TokenPool.For(time).NameOf(identity)
            : "this identity";

    private string Role() =>
        service == "blob" ? "the role 'Storage Blob Data Contributor'" : "the role 'Storage Table Data Contributor'";

    private string? Skew(Response response)
    {
        if (response.Headers.Date is not { } theirs)
        {
            return null;
        }
        var ours = time.GetUtcNow();
        return (ours - theirs).Duration() <= MostSkew
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"This machine's clock says {ours.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, the service's "
                    + $"{theirs.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: more than 15 minutes apart. Set this machine's clock."
            );
    }
}
