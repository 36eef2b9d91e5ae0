# Certificates for the private servers of the tests: bash scripts/servers/certificates.sh DIR
#
# DIR gets ca.pem, server.pem and server.key, signed by that authority for the name `localhost` and no other,
# and other.pem: an authority that signed nothing. Not executable: scripts/test starts what is.
set -euo pipefail

dir=${1:?usage: bash scripts/servers/certificates.sh DIR}
mkdir -p "$dir"
cd "$dir"
command -v openssl >/dev/null || {
    echo "openssl is not there; ./scripts/setup installs it" >&2
    exit 1
}
key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3)
authority=(-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign)
{
    openssl req -x509 "${key[@]}" "${authority[@]}" -subj '/CN=the authority of a test' -keyout ca.key -out ca.pem
    openssl req -x509 "${key[@]}" "${authority[@]}" -subj '/CN=another authority' -keyout other.key -out other.pem
    openssl req "${key[@]}" -subj '/CN=localhost' -keyout server.key -out server.csr
    printf '%s\n' 'basicConstraints=CA:FALSE' 'subjectAltName=DNS:localhost' 'extendedKeyUsage=serverAuth' >server.ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -extfile server.ext -out server.pem
} >openssl.log 2>&1 || {
    cat openssl.log >&2
    exit 1
}
rm -f ca.key other.key server.csr server.ext ca.srl openssl.log
