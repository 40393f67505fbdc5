# Sourced by kafka: the certificates of its listeners, and the stores that a
# client shows and trusts, as Java's own tool makes them. All end with the
# broker.

store_password="hunter2 store"

# pair NAME HOST [OPTION...] makes NAME.p12, a key and its certificate for a
# host, and NAME.pem, the certificate alone.
pair() {
	local name=$1 host=$2
	shift 2
	tool -genkeypair -alias "$name" -keystore "$name.p12" -keyalg EC -groupname secp256r1 \
		-dname "CN=$name" -ext "san=$host" -ext bc:c "$@"
	tool -exportcert -rfc -alias "$name" -keystore "$name.p12" -file "$name.pem"
}

# tool is keytool, which reports what it has done although nothing went wrong.
tool() {
	local said
	said=$(keytool -J-XX:TieredStopAtLevel=1 -storetype PKCS12 -storepass "$store_password" "$@" 2>&1) || die "$said"
}

# stores DIR makes, beside the pairs good, expired, elsewhere and client, the
# truststores trust.p12 and trust.jks, which trust good.
stores() (
	need keytool openjdk-17-jre-headless
	mkdir -p "$1"
	cd "$1"
	pair expired ip:127.0.0.1 -startdate -2d -validity 1 &
	pair elsewhere dns:elsewhere.example &
	pair client dns:client &
	pair good ip:127.0.0.1
	tool -importcert -noprompt -alias good -file good.pem -keystore trust.p12
	tool -importcert -noprompt -alias good -file good.pem -keystore trust.jks -storetype JKS
	for job in $(jobs -p); do wait "$job"; done
)
